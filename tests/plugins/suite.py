"""`make test`: everything on PostgreSQL and Redis, and beside it the smoke set on the embedded default."""

import subprocess
import sys
import tempfile

from config.env import BASE_DIR


def main(arguments):
    print("Everything on PostgreSQL and Redis; what the embedded default says follows", flush=True)
    with tempfile.TemporaryFile() as said:
        smoke = _pytest("--embedded", "-m", "smoke and not proof", "-n", "1", *arguments, stdout=said, stderr=said)
        everything = _pytest("-n", "auto", *arguments).wait()
        failed = smoke.wait()
        said.seek(0)
        print("\nThe smoke set on the embedded default: SQLite, no Redis", flush=True)
        sys.stdout.buffer.write(said.read())
        sys.stdout.flush()
    return everything or failed


def _pytest(*arguments, **streams):
    command = [sys.executable, "-m", "pytest", "--dist", "worksteal", *arguments]
    return subprocess.Popen(command, cwd=BASE_DIR, stdin=subprocess.DEVNULL, **streams)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
