"""Who may do what to a case, and the sentence for why not. The same answer guards the service and draws the button."""

from __future__ import annotations

from datetime import datetime

import rules
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.errors import NotAllowed, NotPossible
from accounts.models import User
from exceptions_app.laws import LAWS
from exceptions_app.models import ACTIVATED, ExceptionCase, State
from exceptions_app.predicates import Matter

for _action, _law in LAWS.items():
    _all = rules.always_allow
    for _asker, _sentence in _law.demands:
        _all &= _asker
    rules.add_perm(f"exceptions_app.{_action}", _all)


_PASSED = {
    State.REQUESTED: _("The time to decide has passed; this request lapses. Duplicate it to ask again."),
    State.APPROVED: _("It was not put in force in time; this approval lapses. Duplicate it to ask again."),
    **dict.fromkeys(ACTIVATED, _("Its end has come, and it is no longer in force.")),
}


def wrong_state(action: str, case: ExceptionCase, at: datetime) -> str | None:
    """Why the case's state at `at` (UTC) does not allow the act, as a sentence.

    What has outlived its deadline is the clock's to record: any other word for it would be untrue.
    """
    state, _end_reason = case.standing_at(at)
    if state in LAWS[action].states:
        return None
    if case.has_fallen(at) and state == State.SUSPENDED:
        return gettext("It fell out of force: a safeguard or a review of it was missed. It has to be resumed.")
    if case.state in LAWS[action].states:
        return str(_PASSED[State(case.state)])
    return gettext("%(ref)s is %(state)s; this is no longer possible.") % {
        "ref": case.reference,
        "state": State(state).label.lower(),
    }


def not_for(user: User, action: str, case: ExceptionCase, at: datetime) -> str | None:
    """Why this person may not act at `at` (UTC), whatever the state, as a sentence."""
    about = Matter(case, at)
    return next((str(words) for asker, words in LAWS[action].demands if not asker(user, about)), None)


def why_not(user: User, action: str, case: ExceptionCase, at: datetime) -> str | None:
    """Why this person cannot do this at `at` (UTC), as a sentence; None when they can."""
    return wrong_state(action, case, at) or not_for(user, action, case, at)


def require(user: User, action: str, case: ExceptionCase, at: datetime) -> None:
    """Raise NotAllowed or NotPossible with the sentence unless the person may act at `at` (UTC)."""
    refused = not_for(user, action, case, at)
    impossible = wrong_state(action, case, at)
    if impossible:
        raise NotPossible(impossible)
    if refused:
        raise NotAllowed(refused)
