"""Recording a use: when, and for what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from audit import clock
from exceptions_app import services
from exceptions_app.models import ExceptionCase
from exceptions_app.services.using import LONGEST
from portal.case.answering import Deed, Page, answer
from portal.case.forms import Statement
from portal.exception_form.fields import PlainInstant
from portal.http import PersonRequest, case_or_404, refusals_answered, signed_in


class UseForm(forms.Form):
    used_at = PlainInstant(label=_("When it was used"), error_messages={"required": _("Say when it was used.")})
    what = Statement(
        label=_("What for"),
        missing=_("Say what it was used for."),
        help_text=_("For example: “The nightly sync of 14 May, 01:00 to 01:20, as every night.”"),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["what"].widget.attrs["maxlength"] = LONGEST


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def use(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Put a use on record."""
    case = case_or_404(request, reference)
    return answer(request, case, USE, Page(initial={"used_at": clock.now().replace(second=0, microsecond=0)}))


def _use(case: ExceptionCase, actor: User, at: datetime, said: dict[str, Any]) -> ExceptionCase:
    return services.record_use(case=case, actor=actor, at=at, used_at=said["used_at"], what=said["what"])


USE = Deed(
    action="record_use",
    form=UseForm,
    heading=_("Record a use"),
    lead=_("It stands in its history, and nobody can change it. What nobody uses, its owner is asked about."),
    button=_("Record it"),
    done=_("The use of %(reference)s is on record."),
    perform=_use,
)
