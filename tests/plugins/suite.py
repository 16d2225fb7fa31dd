"""`make test`: the smoke set on the embedded default, then everything on PostgreSQL and Redis."""

import subprocess
import sys

from config.env import BASE_DIR


def main(arguments):
    print("The smoke set on the embedded default: SQLite, no Redis", flush=True)
    smoke = _pytest("--embedded", "-m", "smoke and not proof", *arguments)
    print("\nEverything on PostgreSQL and Redis", flush=True)
    everything = _pytest(*arguments)
    if smoke:
        print("The smoke set on the embedded default failed; see above.")
    return everything or smoke


def _pytest(*arguments):
    command = [sys.executable, "-m", "pytest", "-n", "auto", "--dist", "worksteal", *arguments]
    return subprocess.run(command, check=False, cwd=BASE_DIR, stdin=subprocess.DEVNULL).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
