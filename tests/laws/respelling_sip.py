"""Other spellings of the values of a SIP message's fields, and the table of all for SIP."""

import re
from collections.abc import Callable
from random import Random

from tests.laws.respelling_heads import (
    ADDRESSES,
    WITH_PARAMETERS,
    Respelling,
    compact_names,
    fields_in_other_order,
    folded_lines,
    foreign_fields,
    names_in_other_case,
    other_reasons,
    space_about_colons,
    space_about_separators,
    space_behind_values,
    values_apart,
    values_joined,
    without_content_length,
)
from tests.laws.spelling import Spelling, members, mixed_case

UNORDERED = ("p-charging-vector",)
"""Where even what stands first is a parameter."""


def _each_member(message: Spelling, names: tuple[str, ...], change: Callable[[str], str]) -> None:
    for line in message.find(*names):
        line.value = ", ".join(change(member) for member in members(line.value))


def parameters_in_other_order(message: Spelling) -> None:
    """RFC 3261 section 19.1.4 and 25.1: parameters are a set."""

    def shuffled(member: str) -> str:
        first, *parameters = members(member, ";")
        message.chance.shuffle(parameters)
        return ";".join([first, *parameters])

    _each_member(message, WITH_PARAMETERS, shuffled)
    for line in message.find(*UNORDERED):
        parameters = members(line.value, ";")
        message.chance.shuffle(parameters)
        line.value = ";".join(parameters)


def parameter_names_in_other_case(message: Spelling) -> None:
    """RFC 3261 section 7.3.1: parameter names are case-insensitive."""

    def cased(member: str) -> str:
        first, *parameters = members(member, ";")
        return ";".join([first, *(_cased_name(one, message.chance) for one in parameters)])

    _each_member(message, WITH_PARAMETERS, cased)


def _cased_name(parameter: str, chance: Random) -> str:
    name, equals, value = parameter.partition("=")
    return mixed_case(name, chance) + equals + value


def tokens_in_other_case(message: Spelling) -> None:
    """RFC 3261 section 7.3.1: tokens are case-insensitive unless their definition says otherwise.

    Methods and event packages are compared as they are (sections 7.1, RFC 6665 section 8.2.1).
    """
    for line in message.find("supported", "require", "request-disposition"):
        line.value = mixed_case(line.value, message.chance)
    for line in message.find("subscription-state", "content-type"):
        first, semicolon, rest = line.value.partition(";")
        line.value = mixed_case(first, message.chance) + semicolon + rest
    for line in message.find("via"):
        line.value = re.sub("SIP/2.0/UDP|SIP/2.0/TCP", lambda m: m[0].title(), line.value)
    for line in message.find("authorization", "proxy-authorization"):
        line.value = line.value.replace("Digest ", mixed_case("Digest ", message.chance))


def display_names(message: Spelling) -> None:
    """RFC 3261 section 20.10: a display name says nothing of who it is."""

    def named(member: str) -> str:
        name = message.chance.choice(
            [
                '"Alice, \\"the\\" <sip:mallory@nowhere.example>;tag=none" ',
                "Alice Example ",
                '"Алиса;branch=z9hG4bKnone" ',
                '"" ',
            ]
        )
        return name + member if member.startswith("<") else member

    _each_member(message, ADDRESSES, named)


def bare_addresses(message: Spelling) -> None:
    """RFC 3261 section 20: a URI without comma, semicolon and question mark needs no brackets."""

    def bare(member: str) -> str:
        return re.sub(r"^<([^,;?>]+)>", r"\1", member)

    for line in message.find("from", "to", "contact", "p-asserted-identity", "referred-by"):
        line.value = ", ".join(bare(member) for member in members(line.value))


def hosts_in_other_case(message: Spelling) -> None:
    """RFC 3261 section 19.1.4: scheme and host are case-insensitive."""
    names = re.compile(r"\bsip:|\btel:|(?<=@)[\w.-]+|(?<=sip:)[\w.-]+(?=[>:; ])")

    def cased(text: str) -> str:
        return names.sub(lambda match: mixed_case(match[0], message.chance), text)

    for line in message.find(*ADDRESSES):
        line.value = cased(line.value)
    if not message.start.startswith("SIP/"):
        method, uri, version = message.start.split(" ")
        message.start = f"{method} {cased(uri)} {version}"


def visual_separators(message: Spelling) -> None:
    """RFC 3966 section 5.1.1: separators in a number are for the eye."""

    def separated(match: re.Match[str]) -> str:
        digits = match[1]
        marks = [message.chance.choice(["", "", "-", "."]) for _ in digits]
        return match[0].replace(digits, "".join(map("".join, zip(marks, digits, strict=True))))

    for line in message.find(*ADDRESSES):
        line.value = re.sub(r"tel:\+1(\d+)", separated, line.value)


def numbers_as_phones(message: Spelling) -> None:
    """RFC 3261 section 19.1.1: user=phone says what a user that is a number is."""
    for line in message.find("from", "to", "p-asserted-identity", "p-preferred-identity"):
        line.value = re.sub(r"<(sip:\+\d+@[^;>]+)>", r"<\1;user=phone>", line.value)


def escaped_characters(message: Spelling) -> None:
    """RFC 3261 section 19.1.4: a character that is not reserved equals its escape."""

    def escaped(match: re.Match[str]) -> str:
        chance = message.chance
        return "sip:" + "".join(
            f"%{ord(c):02{chance.choice('xX')}}" if c.isalnum() and chance.random() < 0.4 else c
            for c in match[1]
        )

    for line in message.find(*ADDRESSES):
        line.value = re.sub(r"sip:([\w+-]+)(?=@)", escaped, line.value)


def escapes_in_lower_case(message: Spelling) -> None:
    """RFC 3986 section 2.1: the digits of an escape are case-insensitive."""
    for line in message.find("accept-contact", "contact"):
        line.value = re.sub("%3A", "%3a", line.value)
    for line in message.find("p-asserted-service", "p-preferred-service"):
        urn = message.chance.choice(["URN:urn-7:", "urn:URN-7:"])
        line.value = line.value.replace("urn:urn-7:", urn)


def uri_parameters(message: Spelling) -> None:
    """RFC 3261 section 19.1.4: a parameter that only one of two URIs has is mostly ignored."""
    for line in message.find("from", "to", "p-asserted-identity", "p-preferred-identity"):
        more = message.chance.choice([";cpc=ordinary", ";x-none", ""])
        line.value = re.sub(r"^<(sip:[^>;]+)>", rf"<\1{more}>", line.value)


def ports_left_out(message: Spelling) -> None:
    """RFC 3261 section 18.2.2: a sent-by without a port has the default one."""
    for line in message.find("via"):
        if message.chance.random() < 0.5:
            line.value = re.sub(r"(SIP/2.0/\w+ [^ ;]+):5060(?=;)", r"\1", line.value)


def foreign_option_tags(message: Spelling) -> None:
    """RFC 3261 section 19.2: what somebody supports and allows besides."""
    for line in message.find("supported", "allow", "accept"):
        more = {"allow": "X-NONE", "accept": "x-none/x-none"}.get(line.long, "x-none")
        line.value = ", ".join(message.chance.sample([line.value, more], 2))


def quoted_parameters(message: Spelling) -> None:
    """RFC 3261 section 25.1: a generic parameter's value is a token or a quoted string."""
    for line in message.find("content-type"):
        line.value = re.sub(r"(charset|boundary)=([^\";\s]+)", r'\1="\2"', line.value)
    for line in message.find("p-charging-vector"):
        line.value = re.sub(r"(icid-value|orig-ioi)=([^\";\s]+)", r'\1="\2"', line.value)


def leading_zeros(message: Spelling) -> None:
    """RFC 3261 section 25.1: 1*DIGIT."""
    for line in message.find("cseq", "max-forwards", "expires", "rseq"):
        line.value = message.chance.choice(["0", "000"]) + line.value
    for line in message.find("rack"):
        line.value = re.sub(r"\b(\d+)", r"0\1", line.value)


def foreign_parameters(message: Spelling) -> None:
    """RFC 3261 section 25.1: generic parameters anywhere, ignored by who does not know them."""

    def grown(member: str) -> str:
        first, *parameters = members(member, ";")
        more = message.chance.choice(
            ["x-mark", 'x-text="a;tag=none,b"', "x-hint=7", "x-ttag=none"]
        )
        parameters.insert(message.chance.randrange(len(parameters) + 1), more)
        return ";".join([first, *parameters])

    _each_member(message, (*ADDRESSES, "via", "accept-contact"), grown)


def further_preferences(message: Spelling) -> None:
    """RFC 3841 section 9.2: any number of Accept-Contact values, in which order ever."""
    for line in message.find("accept-contact"):
        further = '*;+g.gsma.rcs.botversion="#=1,#=2";explicit'
        line.value = ", ".join(message.chance.sample([line.value, further], 2))


def both_identities(message: Spelling) -> None:
    """RFC 3325 section 9.1: a SIP and a tel URI of the same user."""
    for line in message.find("p-asserted-identity"):
        number = re.fullmatch(r"<sip:(\+\d+)@[^;>]+>", line.value)
        if number:
            pair = [line.value, f"<tel:{number[1]}>"]
            line.value = ", ".join(message.chance.sample(pair, 2))


SIP: dict[str, Respelling] = {
    one.__name__: one
    for one in (
        tokens_in_other_case,
        hosts_in_other_case,
        both_identities,
        visual_separators,
        numbers_as_phones,
        escaped_characters,
        uri_parameters,
        foreign_option_tags,
        ports_left_out,
        escapes_in_lower_case,
        quoted_parameters,
        further_preferences,
        foreign_parameters,
        parameters_in_other_order,
        parameter_names_in_other_case,
        leading_zeros,
        other_reasons,
        foreign_fields,
        bare_addresses,
        display_names,
        without_content_length,
        fields_in_other_order,
        values_joined,
        values_apart,
        names_in_other_case,
        compact_names,
        space_about_separators,
        folded_lines,
        space_about_colons,
        space_behind_values,
    )
}
"""Respellings by name, in an order in which any of them may follow another."""
