"""The report of a watch from the results that it kept, also of one that was killed."""

from dataclasses import replace

from conformance.flow.library import load
from conformance.report import decode
from conformance.report.model import Report
from conformance.report.place import Place
from conformance.report.tally import Tally
from conformance.suite.campaign import Stamp, Work
from conformance.suite.results import Results
from conformance.suite.setting import Setting

_TEXTS = ("profile", "user", "call_id")
_LISTS = ("flow", "expect", "explain", "unclaimed")
_NUMBERS = ("begin", "end")


class _Nowhere:
    """Where instances go that lie in a file already."""

    def append(self, instance: object) -> None:
        """Keep nothing."""

    def put(self, line: object) -> None:
        """Keep nothing."""


def about(setting: Setting, stamp: Stamp) -> dict[str, object]:
    """What a watch must keep of itself for `restored`."""
    told: dict[str, object] = {"version": stamp.version, "made": stamp.made}
    told["flows"] = setting.flows or ""
    told["strict"] = setting.strict
    told["everything"] = setting.everything
    for name in (*_TEXTS, *_LISTS, *_NUMBERS):
        value = getattr(setting, name)
        told[name] = list(value) if name in _LISTS else value
    told["particulars"] = [list(one) for one in setting.particulars]
    return told


def restored(results: Results) -> Report:
    """Everything that was judged, as one report; it needs the flows that judged."""
    at = Place({"about": results.told("about") or {}, "run": _run(results)})
    setting = _setting(at.at("about"))
    tally = Tally(_Nowhere(), everything=setting.everything)
    work = Work(setting, load(setting.flows), {}, tally)
    for instance in results.everything():
        tally.add(instance)
        work.shown.update((instance.flow, *instance.also))
    stamp = Stamp(at.at("about").text("version", ""), at.at("about").text("made", ""))
    report = work.report([], [], results, stamp)
    return replace(
        report,
        captures=at.at("run").each("captures", decode.capture),
        roles=at.at("run").each("roles", decode.role),
    )


def _run(results: Results) -> dict[str, object]:
    return {name: results.told(name) or [] for name in ("captures", "roles")}


def _setting(at: Place) -> Setting:
    return Setting(
        profile=at.text("profile"),
        flows=at.text("flows", "") or None,
        strict=at.flag("strict"),
        flow=at.texts("flow"),
        expect=at.texts("expect"),
        explain=at.texts("explain"),
        unclaimed=at.texts("unclaimed"),
        user=at.text("user", ""),
        call_id=at.text("call_id", ""),
        begin=at.number("begin", -1) if at.has("begin") else None,
        end=at.number("end", -1) if at.has("end") else None,
        everything=at.flag("everything"),
    )
