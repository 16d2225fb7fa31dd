"""What a mail is made of, and the sentences that recur."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exceptions_app.services.ending import REMOVALS
from workflows.mails.occasion import Occasion
from workflows.mails.words import exact


@dataclass(frozen=True)
class Letter:
    """`subject` begins with what is wanted; `sentences` are paragraphs; `action` labels the link to the case.

    With `tells_scope` it says what the case opens, why, and behind which safeguards.
    """

    subject: str
    sentences: tuple[str, ...]
    action: str
    tells_scope: bool = False


def needs_decision(about: Occasion) -> str:
    return _("It lapses on %(when)s unless it is decided.") % {"when": exact(about.case.decide_by_at)}


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
