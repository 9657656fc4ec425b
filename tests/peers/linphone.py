"""linphone-daemon as a device under test: it registers through the core as soon as it runs."""

import os
import subprocess
from pathlib import Path

from conformance.observation.packet import Endpoint
from tests.suite.benches import setting

# It listens at every address, where port 5060 is taken by our parties on loopback.
ADDRESS = Endpoint("127.0.0.1", 5070)
_PATIENCE = 15

_CONFIGURATION = """\
[sip]
sip_port=5070
sip_tcp_port=5070
sip_tls_port=-2
use_ipv6=0
default_proxy=0
register_only_when_network_is_up=0
[proxy_0]
reg_proxy=<sip:{core};transport=udp>
reg_route=<sip:{core};transport=udp;lr>
reg_identity=<sip:+15550100@home-a.example>
reg_expires=3600
reg_sendregister=1
publish=0
cpim_in_basic_chat_rooms_enabled=1
contact_parameters=+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.msg,\
urn%3Aurn-7%3A3gpp-service.ims.icsi.oma.cpm.deferred"
[auth_info_0]
username=+15550100
userid=alice@home-a.example
passwd=lantern-42
realm=home-a.example
domain=home-a.example
"""


class LinphoneClient:
    """The device: it runs from `register` to `deregister`."""

    def __init__(self, folder: Path, network: str) -> None:
        self.address = ADDRESS
        self._folder = folder
        core = setting(network).world.endpoint("core")
        (folder / "rc").write_text(_CONFIGURATION.format(core=core), "utf-8")
        # The daemon does not make the directory of its data by itself.
        (folder / ".local" / "share" / "linphone").mkdir(parents=True)
        self._process: subprocess.Popen[str] | None = None

    def operate(self, asked: object) -> None:
        """Register or deregister; nothing else is known."""
        if str(asked) == "register":
            self._start()
        elif str(asked) == "deregister":
            self._quit()

    def _start(self) -> None:
        home = {"HOME": str(self._folder), "XDG_DATA_HOME": str(self._folder / ".local/share")}
        self._process = subprocess.Popen(
            ["linphone-daemon", "--config", str(self._folder / "rc")],
            cwd=self._folder,
            env={**os.environ, **home},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def _quit(self) -> None:
        process = self._process
        if process is not None and process.stdin is not None and process.poll() is None:
            process.stdin.write("quit\n")
            process.stdin.flush()

    def stop(self) -> None:
        """End it."""
        if self._process is None:
            return
        self._quit()
        try:
            self._process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
