"""Ends that people bring about, the pause before one, and the way back: one form page each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from audit import clock
from exceptions_app import services
from exceptions_app.models import ExceptionCase, RemovalState
from portal.case.answering import Deed, Page, answer, answer_anew
from portal.case.forms import ReasonForm, RevocationForm
from portal.case.reviewing import SeenForm, open_reviews, seen_of
from portal.http import PersonRequest, case_or_404, refusals_answered, signed_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def completion(request: PersonRequest, reference: str) -> HttpResponseBase:
    """The need is over early."""
    return _end(request, reference, COMPLETION, label=_("Why it is no longer needed"))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def revocation(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Take it away at once, after typing the reference."""
    return _end(request, reference, REVOCATION, label=_("Why it is revoked"), reference=reference)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def suspension(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Out of force until someone revalidates it."""
    return _end(request, reference, SUSPENSION, label=_("Why it is suspended"))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def resumption(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Back in force until the same end. What opened a review meanwhile is shown, and answered by this."""
    return answer_anew(request, reference, _resuming)


def _resuming(case: ExceptionCase) -> tuple[Deed, Page]:
    reviews = open_reviews(case, clock.now())
    page = Page(
        initial={"seen": seen_of(reviews)},
        options={"label": _("What you checked, and why it may be relied on again")},
        context={"reviews": reviews, "fields_of": "portal/case/resumption_fields.html"},
    )
    return RESUMPTION, page


def _resume(case: ExceptionCase, actor: User, at: datetime, said: dict[str, Any]) -> ExceptionCase:
    return services.resume(case=case, actor=actor, at=at, statement=said["reason"], seen=said["seen"])


class ResumptionForm(SeenForm, ReasonForm):
    """A statement, and what was shown."""


def _end(request: PersonRequest, path: str, deed: Deed, *, label: Promise, **options: str) -> HttpResponseBase:
    case = case_or_404(request, path)
    return answer(request, case, deed, Page(options={"label": label, **options}))


def _verb(verb: Callable[..., ExceptionCase]) -> Callable[..., object]:
    def perform(case: ExceptionCase, actor: User, at: datetime, said: dict[str, Any]) -> object:
        return verb(case=case, actor=actor, at=at, reason=said["reason"])

    return perform


def _ended(said: Promise, case: ExceptionCase) -> str:
    """That it is over, and what is still owed for it."""
    told = str(said) % {"reference": case.reference}
    if not case.grants.filter(removal_state=RemovalState.OWED).exists():
        return told
    owed = gettext("Have its access taken away on its systems now. Somebody who did not gain from it confirms that.")
    return f"{told} {owed}"


COMPLETION = Deed(
    action="complete",
    form=ReasonForm,
    heading=_("End now"),
    lead=_("It may no longer be relied on from this moment, and its access has to be removed. This cannot be undone."),
    button=_("End now"),
    done=partial(_ended, _("%(reference)s has ended.")),
    perform=_verb(services.complete),
)
REVOCATION = Deed(
    action="revoke",
    form=RevocationForm,
    heading=_("Revoke"),
    lead=_("It may no longer be relied on from this moment, and its access has to be removed. This cannot be undone."),
    button=_("Revoke now"),
    tone="danger primary",
    done=partial(_ended, _("%(reference)s is revoked.")),
    perform=_verb(services.revoke),
)
SUSPENSION = Deed(
    action="suspend",
    form=ReasonForm,
    heading=_("Suspend"),
    lead=_("It may not be relied on until someone who does not gain lets it resume. Its end stays where it is."),
    button=_("Suspend"),
    done=_("%(reference)s is suspended."),
    perform=_verb(services.suspend),
)
RESUMPTION = Deed(
    action="resume",
    form=ResumptionForm,
    heading=_("Resume"),
    lead=_("It may be relied on again, until the same end as before."),
    button=_("Resume"),
    done=_("%(reference)s is back in force."),
    perform=_resume,
)
