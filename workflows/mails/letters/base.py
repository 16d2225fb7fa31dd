"""What a mail is made of, and the sentences that recur."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.texts import first_of
from exceptions_app.models import ExceptionCase
from exceptions_app.services.ending import REMOVALS
from workflows.mails.occasion import Occasion
from workflows.mails.words import exact

MOST_NAMED = 4
"""People a mail names before it counts the others."""


@dataclass(frozen=True)
class Letter:
    """`subject` begins with what is wanted; `sentences` are paragraphs; `action` labels the link to the case.

    With `tells_scope` it says what the case opens, why, and behind which safeguards. `place` names the page of the case
    where that one thing is done.
    """

    subject: str
    sentences: tuple[str, ...]
    action: str
    tells_scope: bool = False
    place: str = "case"


def needs_decision(about: Occasion) -> str:
    return _("It lapses on %(when)s unless it is decided.") % {"when": exact(about.case.decide_by_at)}


def renewal_under_way(case: ExceptionCase) -> str:
    """Which renewal of it is under way, as a sentence; "" where none is."""
    heir = case.renewals.live().first()
    if heir is None:
        return ""
    words = {"reference": heir.reference, "state": heir.get_state_display().lower()}
    return _("Its renewal %(reference)s is under way: %(state)s.") % words


def debt(about: Occasion) -> tuple[str, ...]:
    """What still has to be removed and what counts as removed (DESIGN, promise 13)."""
    count = len(about.owed)
    if not count:
        return ()
    hows = " / ".join(str(how.label) for how in REMOVALS.get(about.case.credential_form, ()))
    places = ", ".join(f"{(grant.opens or grant.asked).resource} ({grant.system})" for grant in about.owed)
    words = {"n": count, "places": places, "hows": hows}
    wanted = ngettext(
        "%(n)d grant waits for proof that access is gone: %(places)s.",
        "%(n)d grants wait for proof that access is gone: %(places)s.",
        count,
    )
    return (wanted % words, _("What counts: %(hows)s. Someone who did not gain from it confirms.") % words)


def named(people: Sequence[User]) -> str:
    """One of these people, the first few by name; "" for nobody."""
    return get_text_list(first_of(people, MOST_NAMED), _("or"))
