"""Other spellings of XML documents and session descriptions."""

import re
from collections.abc import Callable
from random import Random

from tests.laws.entity import Entity, Visit


def _of_xml(change: Callable[[str, Random], str]) -> Visit:
    def visit(entity: Entity) -> None:
        if entity.kind.endswith("+xml"):
            entity.body = change(entity.body.decode(), entity.chance).encode()

    visit.__name__, visit.__doc__ = change.__name__, change.__doc__
    return visit


def xml_prefixes(text: str, chance: Random) -> str:
    """Namespaces in XML 1.0 section 3: any prefix stands for its namespace."""
    prefix = chance.choice(["p", "imdn", "n-1"])
    text = re.sub(r"<(/?)(?=[A-Za-z][\w-]*[\s/>])", rf"<\1{prefix}:", text)
    return text.replace("xmlns=", f"xmlns:{prefix}=", 1)


def xml_attributes(text: str, chance: Random) -> str:
    """XML 1.0 section 3.1: attributes in any order, in either quotes, with references."""

    def tag(match: re.Match[str]) -> str:
        attributes = re.findall(r'([\w:-]+)="([^"]*)"', match[2])
        chance.shuffle(attributes)
        written = []
        for name, value in attributes:
            if value and not name.startswith("xmlns") and chance.random() < 0.5:
                value = f"&#{ord(value[0])};{value[1:]}"
            written.append(chance.choice([f"{name}='{value}'", f'{name} = "{value}"']))
        return f"<{match[1]} {chance.choice(['', chr(10)])}{'  '.join(written)}{match[3]}>"

    return re.sub(r'<([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"]*")+)\s*(/?)>', tag, text)


def xml_space(text: str, chance: Random) -> str:
    """XML 1.0 section 2.10: white space between elements, which schemas of elements ignore."""
    return re.sub("><", lambda _: f">{chance.choice(['', ' ', chr(10) + chr(9)])}<", text)


def xml_comments(text: str, chance: Random) -> str:
    """XML 1.0 sections 2.5 and 2.6: comments and processing instructions say nothing."""
    marks = ["", "<!-- <message-id>none</message-id> -->", "<?none message?>"]
    text = re.sub("><", lambda _: f">{chance.choice(marks)}<", text)
    return text.rstrip() + "<!-- none -->\n"


def xml_text(text: str, chance: Random) -> str:
    """XML 1.0 sections 2.7 and 4.1: CDATA sections and references are the text they stand for."""

    def said(match: re.Match[str]) -> str:
        value = match[1]
        if not value.strip() or "&" in value:
            return match[0]
        forms = [value, f"<![CDATA[{value}]]>", f"&#x{ord(value[0]):x};{value[1:]}", f" {value}\n"]
        return f">{chance.choice(forms)}</"

    return re.sub(r">([^<>]+)</", said, text)


def xml_empty_elements(text: str, chance: Random) -> str:
    """XML 1.0 section 3.1: an empty element has a tag of its own, or two."""
    forms = [r"<\1\2></\1>", r"<\1\2 />"]
    return re.sub(r"<([\w:-]+)((?:\s[^<>]*)?)/>", lambda m: m.expand(chance.choice(forms)), text)


def xml_foreign(text: str, chance: Random) -> str:
    """RFC 5438 section 11.1: elements and attributes of other namespaces are extensions.

    A list of nothing stays one: an element of unknown meaning could be an entry.
    """
    if "<imdn" not in text and "<message " not in text:
        return text
    foreign = '<x:more xmlns:x="urn:example:x" x:of="none"><x:status>none</x:status></x:more>'
    return re.sub(r"</([\w:-]+)>\s*$", rf"{foreign}</\1>\n", text)


def xml_declarations(entity: Entity) -> None:
    """XML 1.0 section 2.8 and 4.3.3: with or without declaration, in UTF-8 or UTF-16."""
    if not entity.kind.endswith("+xml"):
        return
    text = re.sub(r"^<\?xml[^>]*\?>\s*", "", entity.body.decode())
    entity.body = entity.chance.choice(
        [
            text.encode(),
            b"\xef\xbb\xbf" + text.encode(),
            b"<?xml version='1.0' standalone='yes' ?>\n" + text.encode(),
            f'<?xml version="1.0" encoding="UTF-16"?>\n{text}'.encode("utf-16"),
        ]
    )


def _of_sdp(change: Callable[[list[list[str]], Random], None]) -> Visit:
    """Change the sections of a description: that of the session, and one a media."""

    def visit(entity: Entity) -> None:
        if entity.kind != "application/sdp":
            return
        sections: list[list[str]] = [[]]
        for line in entity.body.decode().splitlines():
            if line.startswith("m="):
                sections.append([])
            sections[-1].append(line)
        change(sections, entity.chance)
        entity.body = "".join(f"{line}\r\n" for one in sections for line in one).encode()

    visit.__name__, visit.__doc__ = change.__name__, change.__doc__
    return visit


def sdp_attributes_in_other_order(sections: list[list[str]], chance: Random) -> None:
    """RFC 4566 section 5: the order of attributes means nothing."""
    for section in sections[1:]:
        attributes = [line for line in section if line.startswith("a=")]
        chance.shuffle(attributes)
        section[:] = [line for line in section if not line.startswith("a=")] + attributes


def sdp_foreign_attributes(sections: list[list[str]], chance: Random) -> None:
    """RFC 4566 section 5.13: what is not understood is ignored."""
    sections[0].append("a=tool:none 1.0")
    for section in sections[1:]:
        section[1:1] = ["i=a=inactive", "b=AS:64"]
        section += ["a=x-none:sendrecv", "a=chatroom", "a=label:path", "a=max-size:10485760"]


def sdp_attributes_of_the_session(sections: list[list[str]], chance: Random) -> None:
    """RFC 4566 section 5.13, RFC 4145 section 4: said of the session, it counts for its media."""
    for section in sections[1:]:
        common = [line for line in section if re.match("a=(send|recv|inactive|setup)", line)]
        if len(sections) == 2:
            sections[0] += common
            section[:] = [line for line in section if line not in common]


def sdp_address_of_the_media(sections: list[list[str]], chance: Random) -> None:
    """RFC 4566 section 5.7: c= of the session, or of each media."""
    address = [line for line in sections[0] if line.startswith("c=")]
    sections[0][:] = [line for line in sections[0] if line not in address]
    for section in sections[1:]:
        section[1:1] = address


def sdp_further_media(sections: list[list[str]], chance: Random) -> None:
    """RFC 3264 sections 5.1 and 6: media that is refused, in offer and answer alike."""
    audio = ["m=audio 0 RTP/AVP 0", "a=inactive"]
    sections.append(["m=audio 0 RTP/AVP 0 8", "a=rtpmap:0 PCMU/8000", *audio[1:]])


def sdp_paths_in_other_case(sections: list[list[str]], chance: Random) -> None:
    """RFC 4975 section 6.1: scheme, host and transport are case-insensitive."""
    for section in sections[1:]:
        section[:] = [re.sub("^a=path:msrp://|;tcp$", _upper, line) for line in section]


def _upper(match: re.Match[str]) -> str:
    return (
        match[0]
        if match[0] == "a=path:"
        else match[0].replace("msrp", "MSRP").replace("tcp", "TCP")
    )


def sdp_lines_by_lf(entity: Entity) -> None:
    """RFC 4566 section 5: a line that ends with LF alone is accepted."""
    if entity.kind == "application/sdp":
        entity.body = entity.body.replace(b"\r\n", b"\n")


DOCUMENTS: tuple[Visit, ...] = (
    _of_sdp(sdp_attributes_in_other_order),
    _of_sdp(sdp_attributes_of_the_session),
    _of_sdp(sdp_further_media),
    _of_sdp(sdp_foreign_attributes),
    _of_sdp(sdp_address_of_the_media),
    _of_sdp(sdp_paths_in_other_case),
    sdp_lines_by_lf,
    _of_xml(xml_foreign),
    _of_xml(xml_prefixes),
    _of_xml(xml_text),
    _of_xml(xml_space),
    _of_xml(xml_attributes),
    _of_xml(xml_empty_elements),
    _of_xml(xml_comments),
    xml_declarations,
)
"""In an order in which any may follow another."""
