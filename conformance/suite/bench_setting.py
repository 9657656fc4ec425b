"""The setting of a bench: who is where, credentials, TLS, and how our roles behave (TOML)."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar, get_args

from conformance.live.tls import Security, fingerprint_of
from conformance.observation.packet import Endpoint, Transport
from conformance.reference.client.settings import ClientSettings
from conformance.reference.messaging.offer import MSRP_PORT
from conformance.reference.pf.settings import PfSettings, Push
from conformance.reference.preferences.rules import Delivery
from conformance.reference.transport.directory import SIP_PORT
from conformance.reference.world.setting import PLACES, SmsLeg, WorldSetting
from conformance.suite import toml_file
from conformance.suite.errors import ConformanceError

T = TypeVar("T")

_KEYS = ("sip", "msrp", "addresses", "user", "tls", "pf", "client", "iwf")
_ANSWERS = ("message_answers", "session_answers", "chat_answers", "notify_answers")
_WAYS = {"udp": Transport.UDP, "tcp": Transport.TCP, "tls": Transport.TLS}


@dataclass(frozen=True, slots=True)
class BenchSetting:
    """Where parties are and how ours behave, as a world; `security` for SIP and MSRP over TLS.

    `named`: the parties whose addresses the user gave.
    """

    world: WorldSetting = field(default_factory=WorldSetting)
    security: Security = field(default_factory=Security)
    named: frozenset[str] = frozenset()

    @property
    def secure(self) -> frozenset[Endpoint]:
        """The endpoints that speak TLS."""
        found: set[Endpoint] = set()
        if self.world.transport is Transport.TLS:
            found.update(self.world.endpoint(name) for name in PLACES)
        if self.world.msrp_transport is Transport.TLS:
            found.update(self.world.endpoint(name, MSRP_PORT) for name in PLACES)
        return frozenset(found)

    def at(self, name: str, endpoint: Endpoint) -> "BenchSetting":
        """The same with a party at an address."""
        addresses = {**self.world.addresses, name: endpoint}
        world = replace(self.world, addresses=addresses)
        return replace(self, world=world, named=self.named | {name})


def endpoint_of(text: str, place: str, port: int = SIP_PORT) -> Endpoint:
    """An endpoint from `ip`, `ip:port`, `v6` or `[v6]:port`; ConformanceError for another text."""
    host, number = text, ""
    if text.startswith("["):
        host, _, number = text[1:].partition("]")
        number = number.removeprefix(":")
    elif text.count(":") == 1:
        host, _, number = text.partition(":")
    try:
        address = ip_address(host)
        found = int(number) if number else port
    except ValueError:
        sentence = f"'{text}' is no address: write ip, ip:port or [v6]:port"
        raise ConformanceError(sentence, place) from None
    if address.is_unspecified:
        raise ConformanceError(f"{text} is every address: messages must name one of them", place)
    if not 0 < found < 65_536:
        raise ConformanceError(f"there is no port {found}", place)
    return Endpoint(str(address), found)


def read_bench_setting(path: str) -> BenchSetting:
    """The setting of a TOML file; paths in it are relative to the current folder."""
    table = toml_file.read_toml(path)
    toml_file.only(table, _KEYS, path)
    places = {key: f"{path}: [{key}]" for key in _KEYS}
    part = {key: toml_file.subtable(table, key, path) for key in _KEYS}
    addresses = _addresses(part["addresses"], places["addresses"])
    legs = _legs(part["iwf"], places["iwf"])
    try:
        world = WorldSetting(
            addresses=addresses,
            transport=_transport(part["sip"], places["sip"], "udp"),
            msrp_transport=_transport(part["msrp"], places["msrp"], "tcp"),
            core_nodes=1,
            client=_client(part["client"], places["client"]),
            pf=_pf(part["pf"], places["pf"]),
            sms_leg=legs[0],
            other_leg=legs[1],
        )
    except ValueError as error:
        raise ConformanceError(str(error), path) from None
    world = _user(world, part["user"], places["user"])
    security, fingerprint = _security(part["tls"], places["tls"])
    world = replace(world, fingerprint=fingerprint)
    return BenchSetting(world, security, frozenset(addresses))


def _addresses(table: toml_file.Table, place: str) -> dict[str, Endpoint]:
    toml_file.only(table, PLACES, place)
    return {name: endpoint_of(toml_file.text(table, name, place), place) for name in table}


def _transport(table: toml_file.Table, place: str, usual: str) -> Transport:
    toml_file.only(table, ("transport",), place)
    name = toml_file.text(table, "transport", place, usual).lower()
    ways = {key: way for key, way in _WAYS.items() if usual == "udp" or key != "udp"}
    return _one_of(name, ways, "transport", place)


def _legs(table: toml_file.Table, place: str) -> tuple[SmsLeg, SmsLeg | None]:
    """The legs of the gateway: its first service's, and its second's if there is one."""
    toml_file.only(table, ("sms", "other"), place)
    known: dict[str, SmsLeg] = {leg: leg for leg in get_args(SmsLeg)}
    first = _one_of(toml_file.text(table, "sms", place, "rp"), known, "sms", place)
    if "other" not in table:
        return first, None
    return first, _one_of(toml_file.text(table, "other", place), known, "other", place)


def _user(world: WorldSetting, table: toml_file.Table, place: str) -> WorldSetting:
    toml_file.only(table, ("username", "password", "challenge"), place)
    return replace(
        world,
        username=toml_file.text(table, "username", place, world.username),
        password=toml_file.text(table, "password", place, world.password),
        challenge=toml_file.flag(table, "challenge", place),
    )


def _pf(table: toml_file.Table, place: str) -> PfSettings:
    toml_file.only(table, ("push", "notifies", "unsolicited"), place)
    pushes = {str(push): push for push in Push}
    settings = PfSettings(
        push=_one_of(toml_file.text(table, "push", place, "session"), pushes, "push", place),
        unsolicited=toml_file.flag(table, "unsolicited", place),
    )
    if toml_file.flag(table, "notifies", place):
        settings = replace(settings, deliveries=(Delivery.NOTIFICATION,))
    return settings


def _client(table: toml_file.Table, place: str) -> ClientSettings:
    toml_file.only(table, (*_ANSWERS, "subscribes", "selections", "setups"), place)
    known = {one.name for one in fields(ClientSettings)}
    changes: dict[str, object] = {}
    for name in known & set(table):
        if name in _ANSWERS:
            changes[name] = _numbers(table[name], name, place)
        elif name == "subscribes":
            changes[name] = toml_file.flag(table, name, place)
        else:
            changes[name] = toml_file.texts(table, name, place)
    return replace(ClientSettings(), **changes)  # type: ignore[arg-type]


def _numbers(value: object, name: str, place: str) -> tuple[int, ...]:
    values = value if isinstance(value, list) else [value]
    numbers = tuple(one for one in values if isinstance(one, int) and 200 <= one <= 699)
    if not numbers or len(numbers) < len(values):
        raise ConformanceError(f"{name} must be statuses from 200 to 699", place)
    return numbers


def _security(table: toml_file.Table, place: str) -> tuple[Security, str]:
    """TLS as the setting wants it, and the fingerprint of our certificate."""
    toml_file.only(table, ("certificate", "key", "trust"), place)
    certificate = toml_file.text(table, "certificate", place)
    trust = toml_file.text(table, "trust", place)
    key = toml_file.text(table, "key", place)
    try:
        server, fingerprint = None, ""
        # Who tells of a certificate by its fingerprint needs nobody's word for it (RFC 4975 14.4).
        peer = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        peer.check_hostname, peer.verify_mode = False, ssl.CERT_NONE
        if certificate:
            server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            server.load_cert_chain(certificate, key or None)
            peer.load_cert_chain(certificate, key or None)
            fingerprint = _fingerprint(certificate)
        client = ssl.create_default_context(cafile=trust) if trust else None
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
        raise ConformanceError(f"TLS cannot be set up: {reason}", place) from None
    return Security(server, client, peer), fingerprint


def _fingerprint(certificate: str) -> str:
    """The fingerprint of the first certificate of a PEM file."""
    text = Path(certificate).read_text("ascii", "replace")
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    first = text[text.index(begin) : text.index(end) + len(end)]
    return fingerprint_of(ssl.PEM_cert_to_DER_cert(first))


def _one_of(name: str, known: Mapping[str, T], key: str, place: str) -> T:
    if name not in known:
        raise ConformanceError(f"{key} is {', '.join(known)}, not '{name}'", place)
    return known[name]
