"""Looking again: a review on one screen, an end that comes sooner, and word that something changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import Any

from django import forms
from django.http.response import HttpResponseBase
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.errors import NotPossible
from accounts.models import User
from audit import clock
from exceptions_app import services, terms, triggers
from exceptions_app.models import EvidencePurpose, ExceptionCase, Grant, Outcome, Response, Review, Trigger
from exceptions_app.queries import case as queries
from exceptions_app.scope import Scope
from portal.case import wording
from portal.case.answering import Deed, Page, answer, answer_anew
from portal.case.forms import ProofForm, ReasonForm, Statement
from portal.case.grant_fields import GrantFields, add_grant, rows_of, scope_of
from portal.case.proofs import attached
from portal.exception_form.fields import PlainDay
from portal.http import PersonRequest, case_or_404, refusals_answered, signed_in


class SeenForm(forms.Form):
    """`seen` are the keys of the reviews that were shown."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20_000)

    def clean_seen(self) -> set[int]:
        return {int(key) for key in str(self.cleaned_data["seen"]).split() if key.isdecimal()}


class ReviewForm(SeenForm, ProofForm):
    """What comes of it; the grants and the day count where the outcome asks for them."""

    outcome = forms.ChoiceField(
        label=_("What comes of it"),
        choices=Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what comes of it.")},
    )
    statement = Statement(
        label=_("What you looked at, and why"),
        missing=_("Say what you looked at and why this comes of it."),
        help_text=_("For example: “Read its calls of a month: the nightly job alone, as agreed.”"),
    )
    end_on = PlainDay(label=_("New end"), required=False, help_text=_("Until 23:59:59 of that day, sooner than now."))
    field_order = ("outcome", "statement", "end_on", "upload", "url")

    def __init__(self, *args: Any, grants: Sequence[Grant], **options: Any) -> None:
        super().__init__(*args, **options)
        self.grants = [(grant, grant.opens) for grant in grants if grant.opens is not None]
        for grant, wide in self.grants:
            add_grant(self, grant, wide, wide)

    @property
    def rows(self) -> list[GrantFields]:
        return rows_of(self, [grant for grant, _wide in self.grants])

    @property
    def left(self) -> dict[int, Scope | None]:
        """What is left of each grant; of a valid form."""
        return {grant.pk: scope_of(self.cleaned_data, grant, wide) for grant, wide in self.grants}

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("outcome") == Outcome.SHORTEN and not found.get("end_on"):
            self.add_error("end_on", gettext("Say on which day it ends."))
        narrows = found.get("outcome") == Outcome.NARROW and not self.errors
        return found | {"left": self.left if narrows else {}}


class ShortenForm(ReasonForm):
    field_order = ("end_on", "reason")
    end_on = PlainDay(
        label=_("Ends on"),
        help_text=_("Until 23:59:59 of that day."),
        error_messages={"required": _("Say on which day it ends.")},
    )


class ChangeForm(forms.Form):
    """What changed, with what the case does then."""

    trigger = forms.ChoiceField(
        label=_("What changed"), widget=forms.RadioSelect, error_messages={"required": _("Choose what changed.")}
    )
    reason = Statement(
        label=_("What happened"),
        missing=_("Say what happened, and where one can read more."),
        help_text=_("With the number of the incident, the ticket or the change."),
    )

    def __init__(self, *args: Any, case: ExceptionCase, **options: Any) -> None:
        super().__init__(*args, **options)
        does = triggers.responses(case)
        field = self.fields["trigger"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(one.value, _choice(one, does[one])) for one in triggers.REPORTED]


def _choice(trigger: Trigger, does: Response) -> str:
    said = gettext("%(change)s → %(response)s") % {"change": trigger.label, "response": str(does.label).lower()}
    return f"{said} {gettext('(cannot be undone)')}" if does == Response.END else said


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def review(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Everything there is to look at, and what comes of it. One that changed meanwhile is shown anew."""
    return answer_anew(request, reference, partial(_reviewing, user=request.user))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def shortening(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Have it end sooner."""
    case = case_or_404(request, reference)
    return answer(request, case, SHORTENING, Page(options={"label": _("Why it ends sooner")}))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def change(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Say that something changed."""
    case = case_or_404(request, reference)
    return answer(request, case, CHANGE, Page(options={"case": case}))


def open_reviews(case: ExceptionCase, at: datetime) -> list[Review]:
    """What there is to look at now, the first due first."""
    return list(case.reviews.open(at).order_by("due_at", "pk"))


def seen_of(reviews: Sequence[Review]) -> str:
    """Their keys, for a form to bring back."""
    return " ".join(str(review.pk) for review in reviews)


def _reviewing(case: ExceptionCase, user: User) -> tuple[Deed, Page]:
    at = clock.now()
    story, reviews = queries.story(case, user, at), open_reviews(case, at)
    page = Page(
        initial={"seen": seen_of(reviews)},
        options={"grants": story.grants},
        context={
            "looked_at": story,
            "last": next((one for one in story.reviews if one.outcome), None),
            "opens": wording.openings(case, story.grants, at),
            "reviews": reviews,
            "above": "portal/case/review_above.html",
            "fields_of": "portal/case/review_fields.html",
        },
    )
    return REVIEW, page


def _review(case: ExceptionCase, actor: User, at: datetime, said: dict[str, Any]) -> ExceptionCase:
    outcome = Outcome(said["outcome"])
    until_at = _end_of(case, actor, said["end_on"]) if outcome == Outcome.SHORTEN else None
    with attached(case, actor, at, said, EvidencePurpose.REVIEW) as evidence:
        finding = services.Finding(outcome, said["statement"], said["left"], until_at, evidence)
        return services.review(case=case, actor=actor, at=at, finding=finding, seen=said["seen"])


def _shorten(case: ExceptionCase, actor: User, at: datetime, said: dict[str, Any]) -> ExceptionCase:
    until_at = _end_of(case, actor, said["end_on"])
    return services.shorten(case=case, actor=actor, at=at, until_at=until_at, reason=said["reason"])


def _change(case: ExceptionCase, actor: User, at: datetime, said: dict[str, Any]) -> ExceptionCase:
    trigger = Trigger(said["trigger"])
    return services.report_change(case=case, actor=actor, at=at, trigger=trigger, what=said["reason"])


def _end_of(case: ExceptionCase, actor: User, day: date | None) -> datetime:
    if day is None:
        raise NotPossible(gettext("Say on which day it ends."), fields={"end_on": []})
    return terms.end_of_day(day, case.end_zone or actor.time_zone)


def _ends(said: Any, case: ExceptionCase) -> str:
    end = date_format(localtime(case.expires_at), "j F Y, H:i T") if case.expires_at else "–"
    return str(said) % {"reference": case.reference, "end": end}


REVIEW = Deed(
    action="review",
    form=ReviewForm,
    heading=_("Review"),
    lead=_("Look at it as it is used today. Your answer stands in its history, and its next review counts from now."),
    button=_("Review done"),
    done=_("%(reference)s is reviewed."),
    perform=_review,
)
SHORTENING = Deed(
    action="shorten",
    form=ShortenForm,
    heading=_("End sooner"),
    lead=_("Its end only moves earlier, and nobody can move it back: for longer it has to be renewed."),
    button=_("End sooner"),
    done=partial(_ends, _("%(reference)s ends on %(end)s.")),
    perform=_shorten,
)
CHANGE = Deed(
    action="report_change",
    form=ChangeForm,
    heading=_("Something changed"),
    lead=_("The exception does at once what was agreed for such a change."),
    button=_("Say so"),
    done=_("It is on record, and %(reference)s does what was agreed."),
    perform=_change,
)
