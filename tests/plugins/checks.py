"""`make check`: everything that can be said of the code without running its tests. All are run; one bad is bad."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from config.env import BASE_DIR
from config.variables import VARIABLES

PYTHON = sys.executable
BIN = Path(PYTHON).parent
# No server behind these addresses is ever asked
PRODUCTION = {
    "SECRET_KEY": "for-the-check-alone-0123456789-abcdefghijklmnopqrstuvwxyz",
    "BASE_URL": "https://stopgap.example.org",
    "DATABASE_URL": "postgres://stopgap@localhost/stopgap",
    "REDIS_URL": "redis://localhost:6379/0",
    "EMAIL_URL": "submission://localhost:587",
    "MAIL_FROM": "Stopgap <stopgap@example.org>",
}


def main():
    with tempfile.TemporaryDirectory() as var_dir:
        local = _environment(var_dir, {"LOCAL_RUN": "1"})
        live = _environment(var_dir, PRODUCTION)
        bad = [
            name for name, command, live_like in _checks() if not _passes(name, command, live if live_like else local)
        ]
    print(f"\nmake check: {', '.join(bad)} failed" if bad else "\nmake check: all is well")
    return 1 if bad else 0


def _checks():
    manage = [PYTHON, "-W", "error", "manage.py"]
    python, templates = _tracked("*.py"), _tracked("*.html")
    return [
        ("ruff", [BIN / "ruff", "check", "."], False),
        ("ruff format", [BIN / "ruff", "format", "--check", "."], False),
        ("django-upgrade", [BIN / "django-upgrade", "--target-version", "5.2", "--check", *python], False),
        ("djade", [BIN / "djade", "--target-version", "5.2", "--check", *templates], False),
        ("layers", [BIN / "lint-imports", "--no-cache"], False),
        ("mypy", [BIN / "mypy"], False),
        ("migrations", [*manage, "makemigrations", "--check", "--dry-run"], False),
        ("deployment", [*manage, "check", "--deploy", "--fail-level", "WARNING"], True),
    ]


def _passes(name, command, environment):
    print(f"\n== {name}", flush=True)
    ran = subprocess.run(command, check=False, cwd=BASE_DIR, env=environment, stdin=subprocess.DEVNULL)
    return ran.returncode == 0


def _environment(var_dir, variables):
    return {**os.environ, **dict.fromkeys(VARIABLES, ""), "VAR_DIR": var_dir, **variables}


def _tracked(pattern):
    # A build server may run as another user than the one who cloned
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", pattern]
    listed = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=True)
    return [path for path in listed.stdout.split("\0") if path and (BASE_DIR / path).exists()]


if __name__ == "__main__":
    sys.exit(main())
