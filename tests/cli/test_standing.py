from conformance.cli.standing import Silent, status
from conformance.observation.trace import Gap, GapReason
from tests.report.samples import passed_pager


def test_how_a_watch_stands_is_told_in_numbers(session) -> None:
    session.run()
    now = status(session)
    assert now["pass"] == 1
    assert now["sip_messages"] == now["packets"] > 0
    assert (now["open"], now["dropped"], now["lag"]) == (0, 0, 0)


def test_silence_is_kept() -> None:
    heard = Silent()
    heard.gap(Gap(1, 0, 0, "somewhere", GapReason.TCP_HOLE))
    heard.settled(passed_pager())
    heard.beat()
