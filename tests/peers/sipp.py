"""SIPp as a device under test: a client that registers with digest, and answers as it is told."""

import re
import subprocess
from pathlib import Path

from tests.suite.benches import endpoint_of, setting

USER, HOME = "+15550100", "home-a.example"
INSTANCE = "urn:uuid:4f0a8a52-3c19-4d86-8f21-6b7d0e5a2cff"

_REGISTER = """\
REGISTER sip:{home} SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From: <sip:{user}@{home}>;tag=[call_number]
To: <sip:{user}@{home}>
Call-ID: [call_id]
CSeq: {cseq} REGISTER
Contact: <sip:alice@[local_ip]:5060>;+sip.instance="<{instance}>";expires={expires};{services}
{credentials}Content-Length: 0

"""
_SERVICES = (
    '+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg,'
    'urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.deferred"'
)
_CREDENTIALS = "[authentication username=alice@home-a.example password=lantern-42]\n"
_ANSWER = """\
SIP/2.0 {status} {reason}
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
{more}Content-Length: 0

"""


def _send(text: str) -> str:
    return f"<send><![CDATA[\n{text}]]></send>\n"


def _scenario(name: str, steps: str) -> str:
    return f'<?xml version="1.0"?>\n<scenario name="{name}">\n{steps}</scenario>\n'


def _registration(expires: int) -> str:
    filled = {
        "home": HOME,
        "user": USER,
        "instance": INSTANCE,
        "expires": expires,
        "services": _SERVICES,
    }
    return _scenario(
        "register",
        _send(_REGISTER.format(cseq=1, credentials="", **filled))
        + '<recv response="401" auth="true"/>\n'
        + _send(_REGISTER.format(cseq=2, credentials=_CREDENTIALS, **filled))
        + '<recv response="200"/>\n',
    )


def _answering(method: str, status: int, reason: str, more: str) -> str:
    answer = _ANSWER.format(status=status, reason=reason, more=more)
    ack = '<recv request="ACK"/>\n' if method == "INVITE" else ""
    return _scenario("answer", f'<recv request="{method}"/>\n{_send(answer)}{ack}')


class SippClient:
    """The device: one SIPp waits for a request, another registers whenever it is to."""

    def __init__(self, folder: Path, network: str, method: str, status: int, reason: str) -> None:
        self.address = endpoint_of(f"{network}.2.20", "test")
        self._core = setting(network).world.endpoint("core")
        self._folder = folder
        waiting = _answering(method, status, reason, "")
        self._running: list[subprocess.Popen[bytes]] = []
        self._start("waits", waiting, 5060, "-m", "50")

    def operate(self, asked: object) -> None:
        """Register or deregister; nothing else is known."""
        expires = {"register": 3600, "deregister": 0}.get(str(asked))
        if expires is not None:
            port = "5061" if expires else "5062"
            self._start(str(asked), _registration(expires), int(port), "-m", "1")

    def _start(self, name: str, scenario: str, port: int, *more: str) -> None:
        path = self._folder / f"{name}.xml"
        path.write_text(re.sub(r"\n{3,}", "\n\n", scenario), "utf-8")
        words = ["sipp", str(self._core), "-sf", str(path), "-i", self.address.host]
        words += [
            "-p",
            str(port),
            "-auth_uri",
            HOME,
            "-nostdin",
            "-timeout",
            "60",
            "-trace_err",
            *more,
        ]
        self._running.append(
            subprocess.Popen(
                words, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        )

    def stop(self) -> None:
        """End it."""
        for process in self._running:
            process.kill()
            process.wait()
