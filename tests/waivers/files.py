"""Small files of every format, our own, to read and to spoil."""

from pathlib import Path

FOLDER = Path(__file__).with_name("files")
FILES = sorted(path for path in FOLDER.iterdir() if path.is_file())
NAMES = [path.name for path in FILES]


def content(name):
    return (FOLDER / name).read_bytes()
