"""Text that was sent and could not be stored yet, kept in the session for its writer, per page.

A form carries its writer's signed key. Only what carries one is kept, and only that person gets it back: on a shared
browser nobody reads another's text, and a stranger cannot fill sessions. What is kept is shown again in the form; it
never submits itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.core import signing
from django.http import HttpRequest, QueryDict

from accounts.models import User

LAPSED = "lapsed"
UNSAVED = "unsaved"
REFUSED = "refused"

MAX_CHARACTERS = 400_000
MOST_PAGES = 3
_KEY = "kept_text"
_NEVER = ("csrfmiddlewaretoken", "act", "add", "remove", "refusal")  # a pasted refusal may hold secrets
_signer = signing.Signer(salt="exception-form-writer")


@dataclass(frozen=True)
class Kept:
    """What a person sent, why it is kept, and the problems by field that came with it."""

    data: QueryDict
    reason: str
    problems: Mapping[str, Sequence[str]]


def writer(user: User) -> str:
    """The signed key a form carries for its writer."""
    return _signer.sign(str(user.pseudonym))


def keep(
    request: HttpRequest,
    page: str,
    data: QueryDict,
    *,
    reason: str,
    problems: Mapping[str, Sequence[str]] | None = None,
) -> bool:
    """Keep the text for the page; False when it is not a form of ours or too long."""
    body = data.copy()
    for name in _NEVER:
        body.pop(name, None)
    text = body.urlencode()
    if _writer_of(body) is None or len(text) > MAX_CHARACTERS:
        return False
    pages = request.session.get(_KEY, {})
    pages.pop(page, None)
    pages[page] = {"text": text, "reason": reason, "problems": {k: list(v) for k, v in (problems or {}).items()}}
    request.session[_KEY] = dict(list(pages.items())[-MOST_PAGES:])
    return True


def find(request: HttpRequest, page: str, user: User) -> Kept | None:
    """What this person sent to the page and is still not stored."""
    entry = request.session.get(_KEY, {}).get(page)
    if entry is None:
        return None
    data = QueryDict(entry["text"], mutable=True)
    if _writer_of(data) != str(user.pseudonym):
        drop(request, page)
        return None
    return Kept(data, entry["reason"], entry["problems"])


def drop(request: HttpRequest, page: str) -> None:
    """Forget what was kept for the page."""
    pages = request.session.get(_KEY, {})
    if pages.pop(page, None) is not None:
        request.session[_KEY] = pages


def _writer_of(data: QueryDict) -> str | None:
    try:
        return _signer.unsign(data.get("writer") or "")
    except signing.BadSignature:
        return None
