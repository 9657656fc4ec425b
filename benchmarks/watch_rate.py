"""Watching at a rate: SIP over loopback at N messages a second; what was lost, and the lag.

    python benchmarks/watch_rate.py --rate 30000 --seconds 60

It needs dumpcap and the right to capture on lo.
"""

import argparse
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
HOST = "127.0.88.1"
MESSAGE = (
    "MESSAGE sip:user{n}@{host}:{port} SIP/2.0\r\n"
    "Via: SIP/2.0/UDP {host}:5060;branch=z9hG4bK{n}\r\nMax-Forwards: 70\r\n"
    "From: <sip:a{n}@example.com>;tag={n}\r\nTo: <sip:user{n}@example.com>\r\n"
    "Call-ID: {n}@bench\r\nCSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\n"
    "Content-Length: 5\r\n\r\nhello"
)


def send(rate: int, seconds: float, port: int) -> int:
    """Send so many messages a second; how many it were."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sent, begin = 0, time.monotonic()
    while (passed := time.monotonic() - begin) < seconds:
        due = int(passed * rate)
        for sent in range(sent, due):  # noqa: B020 - it goes on where it was
            octets = MESSAGE.format(n=sent, host=HOST, port=port).encode()
            sender.sendto(octets, (HOST, port))
        sent = max(sent, due)
        time.sleep(0.001)
    sender.close()
    return sent


def main() -> None:
    """Run the watch beside the sender, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=int, default=30_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    args = parser.parse_args()
    sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sink.bind((HOST, 0))
    port = sink.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "kept"
        watch = subprocess.Popen(
            [
                sys.executable, "-m", "conformance.cli.main", "watch", "-i", "lo",
                "--filter", f"udp port {port}", "--jsonl", "--results", str(results),
            ],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip
        while not results.exists():
            time.sleep(0.1)
        sent = send(args.rate, args.seconds, port)
        ended = time.monotonic()
        watch.terminate()
        out, _ = watch.communicate()
        behind = time.monotonic() - ended
    statuses = [json.loads(line) for line in out.splitlines() if '"lag"' in line]
    last = statuses[-1]
    lag = max(one["lag"] for one in statuses)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    rate = sent / args.seconds
    for line in (
        f"{sent} sent in {args.seconds:.0f} s ({rate:,.0f}/s), {last['sip_messages']} judged",
        f"lost {sent - last['sip_messages']}, dropped by dumpcap {last['dropped']}",
        f"greatest lag told {lag:.1f} s, done {behind:.1f} s after the last was sent",
        f"{sent / (args.seconds + behind):,.0f}/s judged, "
        f"{used.ru_utime + used.ru_stime:.1f} s of processor time, {used.ru_maxrss // 1024} MiB",
    ):
        print(line)  # noqa: T201


if __name__ == "__main__":
    main()
