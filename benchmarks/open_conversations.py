"""How many conversations `cpmspec play --role pf` holds open: subscriptions, each of its own user.

Run: python benchmarks/open_conversations.py [COUNT]
"""

import selectors
import socket
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

PF, CORE = ("127.180.3.1", 5060), ("127.180.1.1", 5060)
AT_ONCE = 200
PATIENCE = 2.0

SUBSCRIBE = """\
SUBSCRIBE sip:deferred-messages@cpm.home-a.example SIP/2.0\r
Via: SIP/2.0/UDP {core};branch=z9hG4bK{n}\r
Max-Forwards: 70\r
From: <sip:user{n}@home-a.example>;tag=t{n}\r
To: <sip:deferred-messages@cpm.home-a.example>\r
Call-ID: c{n}\r
CSeq: 1 SUBSCRIBE\r
Contact: <sip:user{n}@{core}>\r
P-Asserted-Identity: <sip:user{n}@home-a.example>\r
Event: deferred-messages\r
Expires: 3600\r
Content-Length: 0\r
\r
"""


def main(count: int) -> int:
    """Open them, answer each NOTIFY, and say what was opened and how long it took."""
    with TemporaryDirectory() as folder:
        setting, said = Path(folder, "bench.toml"), Path(folder, "said")
        setting.write_text('[addresses]\ncore = "127.180.1.1"\n[pf]\nnotifies = true\n', "utf-8")
        words = ["play", "--role", "pf", "--listen", PF[0], "--setting", str(setting)]
        with said.open("w") as file:
            played = subprocess.Popen(
                [sys.executable, "-m", "conformance.cli.main", *words],
                stdin=subprocess.DEVNULL,
                stdout=file,
            )
        while "listens" not in said.read_text("utf-8"):
            time.sleep(0.05)
        return measure(count, played)


def measure(count: int, played: "subprocess.Popen[bytes]") -> int:
    """The same, with a participating function that runs."""
    begin = time.perf_counter()
    opened, notified = run(count)
    seconds = time.perf_counter() - begin
    with open(f"/proc/{played.pid}/status", encoding="ascii") as status:
        memory = next(line.split()[1] for line in status if line.startswith("VmRSS"))
    played.terminate()
    played.wait()
    rate = opened / seconds
    sys.stdout.write(
        f"{opened} of {count} open, {notified} notified, {seconds:.1f} s ({rate:.0f}/s)\n"
        f"{int(memory) // 1024} MiB in the participating function\n"
    )
    return 0 if opened == count else 1


def run(count: int) -> tuple[int, int]:
    """Subscribe `count` times; how many were accepted, how many were notified."""
    opened: set[bytes] = set()
    notified: set[bytes] = set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 23)
        wire.bind(CORE)
        wire.setblocking(False)
        waiting = selectors.DefaultSelector()
        waiting.register(wire, selectors.EVENT_READ)
        sent = 0
        while len(notified) < count:
            while sent < count and sent - len(opened) < AT_ONCE:
                text = SUBSCRIBE.format(n=sent, core=f"{CORE[0]}:{CORE[1]}")
                wire.sendto(text.encode(), PF)
                sent += 1
            if not waiting.select(PATIENCE):
                break
            take(wire, opened, notified)
    return len(opened), len(notified)


def take(wire: socket.socket, opened: set[bytes], notified: set[bytes]) -> None:
    """Take what has come: an answer, or a NOTIFY to be answered."""
    octets, source = wire.recvfrom(65_535)
    fields = octets.split(b"\r\n\r\n")[0].split(b"\r\n")
    call = next(line for line in fields if line.startswith(b"Call-ID:"))
    if octets.startswith(b"SIP/2.0 2"):
        opened.add(call)
    elif octets.startswith(b"NOTIFY"):
        notified.add(call)
        kept = (b"Via:", b"From:", b"To:", b"Call-ID:", b"CSeq:")
        answer = [line for line in fields if line.startswith(kept)]
        end = b"\r\nContent-Length: 0\r\n\r\n"
        wire.sendto(b"SIP/2.0 200 OK\r\n" + b"\r\n".join(answer) + end, source)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
