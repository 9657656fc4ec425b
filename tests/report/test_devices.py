from dataclasses import replace

import pytest

from conformance.cpm.role import Role
from conformance.flow.program import Level
from conformance.report import devices
from conformance.report.devices import Devices
from conformance.verifier.verdict import Verdict
from tests.report.samples import failed_pull, message, passed_pager

UA = "User-Agent: Talk/1.0\r\n"
SERVER = "Server: Core/2\r\n"


def sip(start: str, vias: int, extra: str) -> bytes:
    lines = "".join(f"Via: SIP/2.0/UDP h{at};branch=z9hG4bK{at}\r\n" for at in range(vias))
    return (
        f"{start}\r\n{lines}From: <sip:a@b>;tag=1\r\nTo: <sip:c@d>;tag=2\r\nCall-ID: x\r\n"
        f"CSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\n{extra}Content-Length: 0\r\n\r\n"
    ).encode()


def exchange(made, *, product: str = UA):
    """A MESSAGE from the client over the core to the participating function, and its answer."""
    client, core, pf = Role.CLIENT, Role.CORE, Role.PF
    request, answer = "MESSAGE sip:c@d SIP/2.0", "SIP/2.0 200 OK"
    rows = (
        (client, core, sip(request, 1, product)),
        (core, pf, sip(request, 2, product)),
        (pf, core, sip(answer, 2, SERVER)),
        (core, client, sip(answer, 1, SERVER)),
    )
    ladder = tuple(
        replace(message(number, sender, receiver, "x"), octets=octets)
        for number, (sender, receiver, octets) in enumerate(rows, 1)
    )
    return replace(made, ladder=ladder)


def results(*instances):
    made = Devices()
    for instance in instances:
        made.add(instance)
    return made.results()


def test_a_proxy_is_not_taken_for_the_device_whose_name_it_passes_on() -> None:
    client, server = results(exchange(passed_pager()))
    assert (client.product, client.roles) == ("Talk/1.0", ("client",))
    assert client.addresses == ("10.0.2.20:5060",)
    assert (server.product, server.roles) == ("Core/2", ("pf",))
    assert client.counts == {Verdict.PASS: 1}
    assert client.flows == (("push-pager", {Verdict.PASS: 1}),)
    assert client.verdict is Verdict.PASS


def test_a_failure_counts_for_the_device_at_fault_alone() -> None:
    client, server = results(exchange(failed_pull()))
    assert (client.verdict, client.by_others) == (Verdict.NONE, 1)
    assert (server.verdict, server.counts) == (Verdict.FAIL, {Verdict.FAIL: 1})


def test_a_failure_without_a_culprit_counts_for_all() -> None:
    nobody = replace(failed_pull().findings[0], role_at_fault=None)
    found = results(exchange(replace(failed_pull(), findings=(nobody,))))
    assert [one.verdict for one in found] == [Verdict.FAIL, Verdict.FAIL]


def test_a_should_that_was_not_followed_is_no_fault_beside_a_shall() -> None:
    cause = failed_pull().findings[0]
    advice = replace(cause, level=Level.SHOULD, role_at_fault=Role.CLIENT)
    client, _ = results(exchange(replace(failed_pull(), findings=(advice, cause))))
    assert (client.verdict, client.by_others) == (Verdict.NONE, 1)
    client, server = results(exchange(replace(failed_pull(), findings=(advice,))))
    assert (client.verdict, server.by_others) == (Verdict.FAIL, 1)


def test_devices_of_one_product_are_told_apart_by_their_instance() -> None:
    contact = 'Contact: <sip:a@h>;+sip.instance="<urn:uuid:%s>"\r\n'
    made = [exchange(passed_pager(), product=UA + contact % name) for name in ("one", "two")]
    assert [(one.product, one.instance) for one in results(*made)] == [
        ("Talk/1.0", "urn:uuid:one"),
        ("Core/2", ""),
        ("Talk/1.0", "urn:uuid:two"),
    ]


def test_an_answer_that_a_proxy_may_only_have_passed_on_names_nobody() -> None:
    made = exchange(passed_pager())
    request, _, _, answer = made.ladder
    assert [one.product for one in results(replace(made, ladder=(request, answer)))] == [
        "Talk/1.0"
    ]


def test_a_device_is_one_whether_it_gives_its_instance_or_not() -> None:
    contact = UA + 'Contact: <sip:a@h>;+sip.instance="<urn:uuid:one>"\r\n'
    named, bare = exchange(passed_pager(), product=contact), exchange(passed_pager())
    both = replace(named, ladder=(*named.ladder, *bare.ladder))
    assert [(one.instance, one.counts) for one in results(both)] == [
        ("urn:uuid:one", {Verdict.PASS: 1}),
        ("", {Verdict.PASS: 1}),
    ]
    assert [(one.instance, one.counts) for one in results(bare, named)] == [
        ("", {Verdict.PASS: 2}),
        ("urn:uuid:one", {Verdict.PASS: 2}),
    ]


def test_messages_without_a_name_and_malformed_ones_are_no_device() -> None:
    made = exchange(passed_pager(), product="")
    broken = replace(made.ladder[0], octets=b"nonsense")
    assert results(replace(made, ladder=(broken, made.ladder[0]))) == ()


def test_devices_and_addresses_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "LIMIT", 2)
    monkeypatch.setattr(devices, "ADDRESSES", 1)
    made = [exchange(passed_pager(), product=f"User-Agent: T{at}\r\n") for at in range(4)]
    moved = [
        replace(one, ladder=tuple(replace(line, source=f"10.0.9.{at}:1") for line in one.ladder))
        for at, one in enumerate(made)
    ]
    found = results(*made, *moved)
    assert len(found) == 2
    assert all(len(one.addresses) == 1 for one in found)
