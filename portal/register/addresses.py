"""The register's addresses: what is asked now, with a change; turning pages and counting are never carried along."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import QueryDict

from portal.http import PersonRequest

PASSING = ("after", "before", "count")


def of(request: PersonRequest, *, keep: Iterable[str] = (), only: Iterable[str] | None = None, **changes: str) -> str:
    """The present address as “?…” with these changes, an empty one taking the word away."""
    asked = request.GET.copy()
    for name in list(asked):
        if name in changes or (name in PASSING and name not in keep) or (only is not None and name not in only):
            del asked[name]
    for name, value in changes.items():
        if value:
            asked[name] = value
    return f"?{asked.urlencode()}"


def query(request: PersonRequest) -> str:
    """What is asked, for an address beside the register: “?…”, or "" where nothing is."""
    asked = of(request, saved="")
    return asked if len(asked) > 1 else ""


def pairs(request: PersonRequest, *, without: Iterable[str]) -> list[tuple[str, str]]:
    """What is asked as hidden fields of a form."""
    left_out = {*without, *PASSING}
    return [(name, value) for name, values in request.GET.lists() for value in values if name not in left_out]


def kept(text: str, names: Iterable[str]) -> str:
    """Of an address somebody sends to be kept, the words a form knows, and none that only turn pages."""
    known, asked = set(names), QueryDict(text.lstrip("?"))
    chosen = QueryDict(mutable=True)
    for name, values in asked.lists():
        if name in known and any(values):
            chosen.setlist(name, [value for value in values if value])
    return chosen.urlencode()
