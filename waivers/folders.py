"""Files and folders on disk: walked in order, each file read within bounds and named so that it is known again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from intake.tables import MAX_BYTES
from waivers import formats, tables
from waivers.formats import Findings
from waivers.formats.tree import LARGEST_FILE
from waivers.tables import TableMapping

PASSED_OVER = {".git", ".hg", ".svn", "node_modules", ".venv", "__pycache__"}


def read(
    paths: list[Path], *, place: str = "", format_name: str = "", mapping: TableMapping | None = None
) -> Iterator[Findings]:
    """What each file holds. A folder's files are named from the folder on; `place` stands before every name.

    With a mapping, CSV and XLSX files are read by it. Raises OSError for what cannot be opened.
    """
    for path in paths:
        if path.is_dir():
            for file in _walk(path):
                yield _read(file, _name(place or path.resolve().name, file.relative_to(path)), format_name, mapping)
        else:
            yield _read(path, _name(place, Path(path.name) if place else _from_here(path)), format_name, mapping)


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_symlink():
            continue
        if path.is_dir() and path.name not in PASSED_OVER:
            yield from _walk(path)
        elif path.is_file():
            yield path


def _read(file: Path, name: str, format_name: str, mapping: TableMapping | None) -> Findings:
    shown = name.encode(errors="surrogateescape").decode(errors="backslashreplace")
    findings = _content(file, shown, format_name, mapping)
    if shown != name and findings.format:
        findings.refuse(_("Its name is not UTF-8, so that it cannot be kept: rename it."))
    return findings


def _content(file: Path, name: str, format_name: str, mapping: TableMapping | None) -> Findings:
    with file.open("rb") as stream:
        if mapping is not None and tables.is_table(file.name):
            return tables.read(name, stream.read(MAX_BYTES + 1), mapping)
        return formats.read(name, stream.read(LARGEST_FILE + 1), format_name=format_name)


def _from_here(path: Path) -> Path:
    """The path from where the command runs, if the file lies below it; else the file's own name and its folder's."""
    whole = path.resolve()
    return whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else Path(*whole.parts[-2:])


def _name(place: str, path: Path) -> str:
    return (Path(place) / path).as_posix() if place else path.as_posix()
