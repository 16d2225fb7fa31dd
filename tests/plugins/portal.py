"""The whole product, started as people start it: `manage.py portal` in a process of its own."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

from config.env import BASE_DIR
from config.processes import end_with_parent
from config.variables import VARIABLES
from tests.plugins import daemons

READY = "Stopgap is at "


class Portal:
    """A running portal. Use it as a context: it and all its processes end with it.

    Anything of the table of settings may be given by its name in lower case; the default is the embedded one,
    without first-run data.
    """

    def __init__(self, var_dir, **variables):
        self.var_dir = Path(var_dir)
        self.port = variables.get("port", daemons.free_port())
        self.url = f"http://localhost:{self.port}"
        given = {name.upper(): str(value) for name, value in variables.items()}
        own = {"LOCAL_RUN": "1", "DEMO": "0", "VAR_DIR": str(var_dir), "PORT": str(self.port)}
        self.environment = {**os.environ, **dict.fromkeys(VARIABLES, ""), **own, **given}
        self.environment.pop("DJANGO_SETTINGS_MODULE", None)
        self.log_file = self.var_dir / "portal.log"

    def __enter__(self):
        self.start()
        self.wait_until_ready()
        return self

    def __exit__(self, *exc):
        self.stop()

    def start(self):
        self.var_dir.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "portal"],
                cwd=BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
                preexec_fn=end_with_parent(signal.SIGTERM),
            )

    def wait_until_ready(self, seconds=180):
        deadline = time.monotonic() + seconds
        while READY not in self.log():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError(f"the portal did not start:\n{self.log()}")
            time.sleep(0.1)

    def stop(self):
        """Ask it to end, as Ctrl-C does, and return its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(60)

    def status_of(self, path):
        try:
            with urllib.request.urlopen(self.url + path) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def descendants(self):
        return psutil.Process(self.process.pid).children(recursive=True)

    def log(self):
        return self.log_file.read_text(errors="replace")
