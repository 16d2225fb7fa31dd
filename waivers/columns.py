"""What the columns of a table most likely mean: as they did last time, else by their names. A person has the say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from waivers import tables
from waivers.models import ImportedFile, UploadedFile
from waivers.tables import TableMapping

NAMES = {
    "key": ("id", "key", "finding", "ref", "reference"),
    "excepted": ("cve", "rule", "policy", "vulnerability", "permission", "advisory"),
    "title": ("title", "summary"),
    "places": ("host", "resource", "path", "scope", "account"),
    "reason": ("reason", "justification", "why", "comment"),
    "ends": ("expires", "expiry", "until", "end", "ends", "expiration"),
}
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def proposed(file: UploadedFile) -> TableMapping:
    """What its sender said before, else what the same file or the same columns meant last, else a guess."""
    if file.mapping:
        return tables.from_words(file.mapping)
    return _remembered(file) or guessed(file.header)


def guessed(header: Sequence[str]) -> TableMapping:
    """One column for each meaning that a name suggests. What is excepted names the entry where nothing else does."""
    found = {meaning: _called(header, words) for meaning, words in NAMES.items()}
    found["key"] = found["key"] or found["excepted"]
    return TableMapping({meaning: (name,) for meaning, name in found.items() if name})


def _remembered(file: UploadedFile) -> TableMapping | None:
    read = ImportedFile.objects.filter(format=tables.FORMAT, refused=False).exclude(mapping={}).order_by("-pk")
    for rows in (read.filter(file=file.name), read.filter(header=file.header)):
        before = rows.first()
        if before and (how := _still_there(tables.from_words(before.mapping), file.header)):
            return how
    return None


def _still_there(how: TableMapping, header: Sequence[str]) -> TableMapping | None:
    """The same mapping without columns that are gone; nothing where it cannot be used without them."""
    kept = {meaning: tuple(name for name in names if name in header) for meaning, names in how.columns.items()}
    return replace(how, columns=kept) if all(kept[meaning] for meaning in tables.NEEDED) else None


def _called(header: Sequence[str], words: Sequence[str]) -> str:
    """The column called by one of the words, else one with it in its name; an earlier word is the better one."""
    parts = {name: [part.casefold() for part in _WORD.findall(name)] for name in header}
    alone = [name for word in words for name in header if parts[name] == [word]]
    within = [name for word in words for name in header if word in parts[name]]
    return next(iter(alone + within), "")
