"""`make test`: everything on PostgreSQL and Redis, and beside it the smoke set on the embedded default."""

import os
import subprocess
import sys
from tempfile import TemporaryFile

from config.env import BASE_DIR

PYTEST = (sys.executable, "-m", "pytest", "--dist", "worksteal")
SMOKE = (*PYTEST, "--embedded", "-m", "smoke and not proof", "-n", "1")
WORKERS = (os.cpu_count() or 1) + 1
"""One more than there are processors: a test waits for its database, its browser and its servers."""
EVERYTHING = (*PYTEST, "-n", str(WORKERS))
HERE = {"cwd": BASE_DIR, "stdin": subprocess.DEVNULL}


def main(arguments):
    print("Everything on PostgreSQL and Redis; what the embedded default says follows", flush=True)
    with TemporaryFile() as said:
        with subprocess.Popen([*SMOKE, *arguments], stdout=said, stderr=said, **HERE) as smoke:
            everything = subprocess.run([*EVERYTHING, *arguments], check=False, **HERE)
        said.seek(0)
        print("\nThe smoke set on the embedded default: SQLite, no Redis", flush=True)
        sys.stdout.buffer.write(said.read())
        sys.stdout.flush()
    return everything.returncode or smoke.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
