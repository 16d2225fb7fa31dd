"""Proof that a safeguard works and that access is gone: a statement or a choice, with evidence if there is any."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.errors import Stale
from accounts.models import User
from audit import clock
from exceptions_app import ask, services
from exceptions_app.models import RELIED_ON, Evidence, EvidencePurpose, ExceptionCase, Grant, RemovalState, Safeguard
from exceptions_app.services.ending import removals
from exceptions_app.services.evidence import discard_file
from portal.case.answering import Deed, Page, answer, answer_anew
from portal.case.forms import FailureForm, RemovalForm, VerificationForm
from portal.http import PersonRequest, case_or_404, refusals_answered, signed_in


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def verification(request: PersonRequest, reference: str, key: int) -> HttpResponseBase:
    """Attest that a safeguard works."""
    return answer_anew(request, reference, partial(_verification, key=key))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def failure(request: PersonRequest, reference: str, key: int) -> HttpResponseBase:
    """Say that a safeguard does not work."""
    return answer_anew(request, reference, partial(_failure, key=key))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def removal(request: PersonRequest, reference: str, key: int) -> HttpResponseBase:
    """Confirm that what a grant opened is gone."""
    case = case_or_404(request, reference)
    grant = get_object_or_404(case.grants.select_related("case", "system"), pk=key)
    deed = Deed(
        action="confirm_removal",
        form=RemovalForm,
        heading=_("Confirm removed"),
        lead=_("You confirm that what this exception opened is gone: %(grant)s.") % {"grant": grant},
        button=_("Confirm removed"),
        done=partial(_removed, grant),
        perform=partial(_confirm, grant),
    )
    return answer(request, case, deed, Page(options={"hows": removals(case, grant)}))


def _verification(case: ExceptionCase, key: int) -> tuple[Deed, Page]:
    safeguard = get_object_or_404(case.safeguards.select_related("case"), pk=key)
    deed = Deed(
        action="verify",
        form=VerificationForm,
        heading=_("Verify a safeguard"),
        lead=safeguard.description,
        button=_("It works: verified"),
        done=_verified,
        perform=partial(_verify, safeguard),
    )
    return deed, Page({"digest": ask.digest_of_safeguard(safeguard)})


def _failure(case: ExceptionCase, key: int) -> tuple[Deed, Page]:
    safeguard = get_object_or_404(case.safeguards.select_related("case"), pk=key)
    deed = Deed(
        action="report_failure",
        form=FailureForm,
        heading=_("A safeguard fails"),
        lead=safeguard.description,
        button=_("It does not work"),
        done=_failed,
        perform=partial(_report, safeguard),
    )
    return deed, Page({"digest": ask.digest_of_safeguard(safeguard)})


def _report(safeguard: Safeguard, case: ExceptionCase, actor: User, at: datetime, said: dict[str, Any]) -> None:
    demand_as_shown(safeguard, said["digest"])
    services.report_failure(safeguard=safeguard, actor=actor, at=at, reason=said["reason"])


def _failed(case: ExceptionCase) -> str:
    said = gettext("It is on record that a safeguard of %(reference)s fails; its owner is told.")
    words = said % {"reference": case.reference}
    if case.state not in RELIED_ON or case.relied_until_at is None:
        return words
    until = gettext("Unless it is verified again, the exception is out of force from %(when)s.")
    return f"{words} {until % {'when': date_format(localtime(case.relied_until_at), 'DATETIME_FORMAT')}}"


def demand_as_shown(safeguard: Safeguard, digest: str) -> None:
    """Raise Stale unless the safeguard says what it said when its digest was made."""
    if digest != ask.digest_of_safeguard(safeguard):
        raise Stale(_("This safeguard changed after you opened it. Read it again."), current=safeguard.case)


def _verify(safeguard: Safeguard, case: ExceptionCase, actor: User, at: datetime, said: dict[str, Any]) -> None:
    demand_as_shown(safeguard, said["digest"])
    with attached(case, actor, at, said, EvidencePurpose.VERIFICATION) as evidence:
        services.verify_safeguard(
            safeguard=safeguard, actor=actor, at=at, statement=said["statement"], evidence=evidence
        )


def _confirm(grant: Grant, case: ExceptionCase, actor: User, at: datetime, said: dict[str, Any]) -> None:
    with attached(case, actor, at, said, EvidencePurpose.REMOVAL) as evidence:
        services.confirm_removal(grant=grant, actor=actor, at=at, how=said["how"], note=said["note"], evidence=evidence)


def _verified(case: ExceptionCase) -> str:
    left = Safeguard.objects.lacking(clock.now()).filter(case=case, required=True).count()
    waiting = ngettext(
        "%(n)d required safeguard is still to be verified.", "%(n)d required safeguards are still to be verified.", left
    ) % {"n": left}
    said = gettext("Verified a safeguard of %(reference)s.") % {"reference": case.reference}
    return f"{said} {waiting if left else gettext('Every required safeguard is verified.')}"


def _removed(grant: Grant, case: ExceptionCase) -> str:
    left = case.grants.filter(removal_state=RemovalState.OWED).count()
    waiting = ngettext(
        "%(n)d grant still waits for a confirmation.", "%(n)d grants still wait for a confirmation.", left
    ) % {"n": left}
    said = gettext("%(resource)s is confirmed removed.") % {"resource": grant.resource}
    return f"{said} {waiting if left else gettext('All access is gone.')}"


@contextmanager
def attached(
    case: ExceptionCase, actor: User, at: datetime, said: dict[str, Any], purpose: EvidencePurpose
) -> Iterator[Evidence | None]:
    """The proof and what it proves, together or not at all: a refusal leaves no row and no file behind."""
    evidence = None
    try:
        with transaction.atomic():
            evidence = _attach(case, actor, at, said, purpose)
            yield evidence
    except Exception:
        if evidence is not None:
            discard_file(evidence.file.name or "")
        raise


def _attach(
    case: ExceptionCase, actor: User, at: datetime, said: dict[str, Any], purpose: EvidencePurpose
) -> Evidence | None:
    if said["upload"]:
        return services.attach_file(case=case, actor=actor, at=at, title="", upload=said["upload"], purpose=purpose)
    if said["url"]:
        title = said["url"].split("://", 1)[1][:160]
        return services.attach_link(case=case, actor=actor, at=at, title=title, url=said["url"], purpose=purpose)
    return None
