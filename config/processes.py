"""Runs several programs as one: one log, one end, nothing left behind."""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

GRACE = 10.0  # seconds between asking a child to end and ending it
TICK = 0.25  # seconds between two looks at the children
PR_SET_PDEATHSIG = 1  # from <sys/prctl.h>


@dataclass(frozen=True)
class Part:
    """One program of the whole."""

    name: str
    command: Sequence[str]


@dataclass
class Family:
    """The running children, each in a process group of its own."""

    directory: Path
    environment: Mapping[str, str]
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _log: selectors.DefaultSelector = field(default_factory=selectors.DefaultSelector)
    _half_lines: dict[str, bytes] = field(default_factory=dict)
    _asked_to_stop: int = 0

    def run(self, parts: Sequence[Part], *, each_tick: Callable[[], None]) -> int:
        """Start `parts` and stay until a signal asks to stop (0) or one of them ends by itself (1)."""
        with self._listening():
            try:
                for part in parts:
                    self._start(part)
                return self._stay(each_tick)
            finally:
                self._end()

    def _start(self, part: Part) -> None:
        child = subprocess.Popen(
            part.command,
            cwd=self.directory,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
            preexec_fn=end_with_parent(signal.SIGTERM),
        )
        self.children[part.name] = child
        if child.stdout:
            os.set_blocking(child.stdout.fileno(), False)
            self._log.register(child.stdout, selectors.EVENT_READ, part.name)

    def _stay(self, each_tick: Callable[[], None]) -> int:
        while not self._asked_to_stop:
            self._copy_log()
            for name, child in self.children.items():
                if (code := child.poll()) is not None:
                    self._copy_log()
                    say("portal", f"{name} ended by itself (code {code}); stopping the rest.")
                    return 1
            each_tick()
        return 0

    def _end(self) -> None:
        self._signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        while any(child.poll() is None for child in self.children.values()):
            if time.monotonic() > deadline or self._asked_to_stop > 1:
                break
            with suppress(BrokenPipeError):
                self._copy_log()
        self._signal(signal.SIGKILL)  # whatever is left in the groups, grandchildren included
        for child in self.children.values():
            child.wait()

    def _signal(self, number: signal.Signals) -> None:
        for child in self.children.values():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, number)

    def _copy_log(self) -> None:
        for key, _events in self._log.select(TICK):
            chunk = os.read(key.fd, 65536)
            if not chunk:
                self._log.unregister(key.fileobj)
            *lines, rest = (self._half_lines.get(key.data, b"") + chunk).split(b"\n")
            self._half_lines[key.data] = rest
            for line in lines:
                say(key.data, line.decode(errors="replace"))
        if not self._log.get_map():
            time.sleep(TICK)

    @contextmanager
    def _listening(self) -> Iterator[None]:
        def stop(number: int, frame: FrameType | None) -> None:
            self._asked_to_stop += 1

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def say(name: str, line: str) -> None:
    print(f"{name:>6} | {line}", flush=True)


def end_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """What a child runs before its program, so that the kernel signals it when the parent ends, however it ends.

    On systems other than Linux there is no such thing, and None is returned.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def arrange() -> None:
        prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return arrange
