import pytest

from conformance.report.essence import essence


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("INVITE (frame 9) came", "INVITE (frame 131) came"),
        ("frames 9, 10 and 12", "frames 1 and 2"),
        ("the request was sent again 7 times", "the request was sent again 11 times"),
        ("nothing within 32.0 s of INVITE", "nothing within 128.0 s of INVITE"),
        ("delivered to sip:alice@example.com", "delivered to sip:bob@example.net"),
        ("10.0.2.20:5060 to [2001:db8::1]:5060", "10.9.9.9 to [::1]"),
        ("message 3a41bcd9-0e31-4d was", "message 77beefcafe-1234 was"),
        ("message Hn2xQ7 is listed again", "message b77e90d3593ad699 is listed again"),
        ("chosen and never delivered: a1", "chosen and never delivered: b2, c3"),
        ("delivered without being chosen: a", "delivered without being chosen: b, c"),
        (
            "pf to core: nothing within 32 s of INVITE; the request was sent again 7 times",
            "pf to core: nothing within 64 s of INVITE; both directions of the link were watched",
        ),
        ('answered "hello"', 'answered "good bye"'),
        ("at 2026-03-02T09:00:00.090Z it", "at 2027-01-01T00:00:00Z it"),
    ],
)
def test_what_differs_from_run_to_run_is_left_out(one, other) -> None:
    assert essence(one) == essence(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("core answered 486 Busy Here", "core answered 480 Temporarily Unavailable"),
        ("INVITE (step 10-11) followed", "INVITE (step 6-7) followed"),
        (
            "nothing within 32 s of INVITE; both directions",
            "nothing within 32 s of BYE; both directions",
        ),
        ("pf to core: nothing was sent", "core to client: nothing was sent"),
    ],
)
def test_what_makes_another_fault_stays(one, other) -> None:
    assert essence(one) != essence(other)


def test_its_own_result_stays_as_it_is() -> None:
    text = essence("frame 9: sip:a@b (10.0.0.1:5060) sent again 3 times")
    assert essence(text) == text


def test_long_texts_are_cut_and_cost_little() -> None:
    assert len(essence("a1" * 1_000_000)) <= 2_000
    assert len(essence("@ " * 1_000_000)) <= 2_000
