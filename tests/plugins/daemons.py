"""Programs the tests start and end, each tied to this process so that none outlives it."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from config.processes import end_with_parent

NOBODY = "nobody"  # servers that refuse root run as this user


@dataclass
class Daemon:
    """One running server and the directory that is removed with it."""

    name: str
    process: subprocess.Popen
    directory: Path
    ends_on: signal.Signals = signal.SIGTERM

    def wait_until(self, answers, seconds=30):
        """Wait until `answers()` is true. Raises RuntimeError, with the server's own words, where that never comes."""
        deadline = time.monotonic() + seconds
        while not answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.end()
                log = (self.directory / "log").read_text(errors="replace") if self.directory.exists() else ""
                raise RuntimeError(f"{self.name} did not start.\n{log[-2000:]}")
            time.sleep(0.02)

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(self.ends_on)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def remove(self):
        self.end()
        shutil.rmtree(self.directory, ignore_errors=True)


def start(name, command, directory, *, ends_on=signal.SIGTERM):
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=end_with_parent(ends_on),
            **unprivileged(),
        )
    return Daemon(name, process, directory, ends_on)


def unprivileged():
    """Arguments for subprocess that shed root, where there is any to shed."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam(NOBODY)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": "/"}


def private_directory(name):
    """A new directory that only the server's user may enter; short, for the path of a socket has 107 bytes at most."""
    directory = Path(tempfile.mkdtemp(prefix=f"stopgap-{name}-"))
    if os.geteuid() == 0:
        shutil.chown(directory, NOBODY)
    return directory


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
