"""A real Postfix, private to a test: its own configuration, queue and data, on a free port of this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import trustme

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LEFT_OUT = "a real Postfix needs the Debian package postfix, and root to start it"
_SETTINGS = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log/mail.log
maillog_file_prefixes = {folder}/log
myhostname = relay.example.com
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost = [127.0.0.1]:{far}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_security_level = encrypt
smtpd_tls_chain_files = {folder}/chain.pem
smtpd_client_event_limit_exceptions = static:all
smtpd_peername_lookup = no
smtp_host_lookup = native
smtp_destination_concurrency_limit = 4
alias_maps =
alias_database =
local_recipient_maps =
queue_run_delay = 300s
minimal_backoff_time = 300s
notify_classes =
bounce_queue_lifetime = 0
"""
_SERVICES = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """A running one: its port, and the authority that a client has to trust."""

    folder: Path
    port: int
    authority: str

    def waiting(self) -> int:
        """How many messages are in its queue."""
        listed = self._command("postqueue", "-j").stdout
        return len(listed.splitlines())

    def flush(self) -> None:
        """Let it try again whatever it could not deliver."""
        self._command("postqueue", "-f")

    def log(self) -> str:
        """What it wrote down, for the message of a test that fails."""
        file = self.folder / "log" / "mail.log"
        return file.read_text("utf-8", "replace")[-3000:] if file.exists() else ""

    def _command(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [f"/usr/sbin/{name}", "-c", str(self.folder / "etc"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{done.stderr}{self.log()}"
        return done


@contextmanager
def running(folder: Path, far: int) -> Iterator[Postfix]:
    """Run a Postfix in *folder* that hands everything on to the port *far* of this machine."""
    if not os.path.exists("/usr/sbin/postfix") or os.getuid() != 0:
        if os.environ.get("CI") == "true":
            pytest.fail(_LEFT_OUT)
        pytest.skip(_LEFT_OUT)
    folder = _open(folder)
    server = Postfix(folder, free_port(), str(folder / "ca.pem"))
    _configure(server, far)
    start = ["/usr/sbin/postfix", "-c", str(folder / "etc")]
    subprocess.run([*start, "start"], check=True, capture_output=True)
    try:
        _wait_for(server)
        yield server
    finally:
        subprocess.run([*start, "abort"], check=False, capture_output=True)


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _open(folder: Path) -> Path:
    """Let Postfix, which gives up root, come as far as *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    for parent in (folder, *folder.parents):
        if str(parent).startswith(os.path.realpath("/tmp/")):
            parent.chmod(parent.stat().st_mode | 0o755)
    return folder


def _configure(server: Postfix, far: int) -> None:
    folder = server.folder
    for name in ("etc", "queue", "data", "log"):
        (folder / name).mkdir()
    shutil.chown(folder / "data", "postfix")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    certificate = authority.issue_cert("localhost")
    chain = [certificate.private_key_pem, *certificate.cert_chain_pems]
    (folder / "chain.pem").write_bytes(b"".join(part.bytes() for part in chain))
    (folder / "etc" / "main.cf").write_text(_SETTINGS.format(folder=folder, far=far), "utf-8")
    (folder / "etc" / "master.cf").write_text(_SERVICES.format(port=server.port), "utf-8")


def _wait_for(server: Postfix) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", server.port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"Postfix does not answer: {server.log()}")
