"""Renewing: what has changed, what was done to end it, why it is still needed; on one page, with the chain above."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import NotPossible
from accounts.models import User
from audit import clock
from exceptions_app import limits, rules, services
from exceptions_app.models import ACTIVATED, SINCE, ExceptionCase, State
from exceptions_app.queries import case as queries
from exceptions_app.queries.case import Story
from portal.case.answering import Deed, Page, answer, back
from portal.exception_form.asked import waits
from portal.exception_form.fields import PlainDay
from portal.exception_form.forms import LONGEST_TERM
from portal.exception_form.since import SinceFields
from portal.http import PersonRequest, case_or_404, refusals_answered, signed_in
from workflows import services as work

DAY = timedelta(days=1)


class RenewalForm(SinceFields):
    """With `look` the draft is opened instead of asked for."""

    term_days = forms.IntegerField(
        label=_("For how many days"),
        min_value=1,
        max_value=LONGEST_TERM,
        help_text=_("From the end of this one on; where it starts only after that, from its own start."),
        error_messages={"required": _("Say for how many days.")},
    )
    remediation_on = PlainDay(
        label=_("Cause mended by"),
        help_text=_("The date by which the reason for deviating is gone."),
        error_messages={"required": _("Give the date by which the cause is mended.")},
    )
    look = forms.CharField(required=False)

    def __init__(self, *args: Any, most: int | None = None, **options: Any) -> None:
        """`most` is how many days one term may last at its risk, and how many are left."""
        super().__init__(*args, **options)
        self.most = most

    def clean_term_days(self) -> int:
        """Raises ValidationError for more than one term may last."""
        days = int(self.cleaned_data["term_days"])
        if self.most and days > self.most and not self.data.get("look"):
            raise forms.ValidationError(gettext("At most %(n)d days at a time, as things stand.") % {"n": self.most})
        return days

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for name, sentence in limits.unanswered(found).items() if not found.get("look") else ():
            if name not in self.errors:
                self.add_error(name, sentence)
        return found


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def renewal(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Ask for the renewal at once, or look over the whole draft first."""
    case, at = case_or_404(request, reference), clock.now()
    story = queries.story(case, request.user, at)
    context = {
        "story_of": story,
        "falls_short": _falls_short(story, at),
        "may_let_end": rules.why_not(request.user, "let_end", case, at) is None,
        "above": "portal/case/renewal_above.html",
        "fields_of": "portal/case/renewal_fields.html",
        "other_button": "portal/case/renewal_button.html",
    }
    heir = case.renewals.live().visible_to(request.user, at).first()
    if heir is not None and request.method != "POST":  # what was written is shown again with the refusal
        words = {"heir": heir.reference, "reference": reference}
        messages.info(request, gettext("%(heir)s is the renewal of %(reference)s, and under way.") % words)
        return redirect("case", heir.reference)
    page = Page(initial=_initial(story, at), options={"most": _most(story)}, context=context)
    return answer(request, case, RENEWAL, page)


@signed_in
@require_POST
@refusals_answered
def letting_end(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Say that it is not to be renewed."""
    case = services.let_end(case=case_or_404(request, reference), actor=request.user, at=clock.now())
    said = gettext("%(reference)s ends on %(end)s and is not to be renewed. You can still ask for a renewal.")
    end = date_format(localtime(case.expires_at), "j F, H:i")
    messages.success(request, said % {"reference": case.reference, "end": end})
    return back(request, case)


def _falls_short(story: Story, at: datetime) -> bool:
    """Whether its cause is mended only after all that its lifetime leaves from its end on, or from now."""
    case = story.case
    if story.chain is None or case.remediation_on is None or case.expires_at is None:
        return False
    from_at = max(at, case.expires_at) if case.state in ACTIVATED else at
    return case.remediation_on > localtime(from_at + story.chain.left * DAY).date()


def _most(story: Story) -> int | None:
    """How many days it may ask for; None where nothing bounds it, or nothing is left and the draft says so."""
    case = story.case
    if story.chain is None or case.control is None or case.risk_tier is None:
        return None
    if limits.Draft.stored(case).tier != case.risk_tier:  # its facts have changed, and a renewal is rated anew
        return None
    return min(story.chain.left, case.control.term_cap(case.risk_tier)) or None


def _initial(story: Story, at: datetime) -> Mapping[str, Any]:
    """As long again as last time, if so much is left; the day by which the cause is mended, if that is to come."""
    case, most = story.case, _most(story)
    term = None
    if case.activated_at is not None and case.expires_at is not None:
        term = max(round((case.expires_at - case.activated_at) / DAY), 1)
    found: dict[str, Any] = {"term_days": term if most is None or term is None else min(term, most)}
    if case.remediation_on and case.remediation_on >= at.date():
        found["remediation_on"] = case.remediation_on
    return found


def _renew(case: ExceptionCase, actor: User, at: datetime, said: dict[str, Any]) -> ExceptionCase:
    """The renewal, asked for; or its draft, where one wants to look first or something stands in the way."""
    changed = {name: said[name] for name in (*SINCE, "term_days", "remediation_on")} | {"end_on": None, "end_zone": ""}
    draft = case.renewals.filter(state=State.DRAFT, requester=actor).order_by("pk").last()
    if draft is None:
        draft = services.renew(case=case, actor=actor, at=at, changed=changed)
    else:  # what could not be asked the last time
        content = services.DraftContent(changed)
        draft = services.save_draft(case=draft, actor=actor, at=at, version=draft.version, content=content)
    if said["look"]:
        return draft
    try:
        return work.submit(case=draft, actor=actor, at=at)
    except NotPossible as refusal:
        if not refusal.fields:  # nothing the draft's page would say
            raise
        return draft


def _told(renewal: ExceptionCase) -> str:
    if renewal.state != State.DRAFT:
        return " ".join(filter(None, [waits(renewal, clock.now()), _gap(renewal)]))
    problems = limits.problems(limits.Draft.stored(renewal), clock.now())
    words = {"reference": renewal.reference, "from": renewal.renews, "why": problems[0].sentence if problems else ""}
    if problems:
        return gettext("%(reference)s is a draft that renews %(from)s. It is not asked for yet: %(why)s") % words
    return gettext("%(reference)s is a draft that renews %(from)s. Look it over, then submit it.") % words


def _gap(renewal: ExceptionCase) -> str:
    """That there may be a time between the two, where its approvers have longer than what it renews lasts."""
    end_at, decide_by_at = renewal.renews.expires_at if renewal.renews else None, renewal.decide_by_at
    if end_at is None or decide_by_at is None or not clock.now() < end_at < decide_by_at:
        return ""
    said = gettext("%(before)s ends on %(end)s: undecided by then, nothing is in force until somebody decides.")
    return said % {"before": renewal.renews, "end": date_format(localtime(end_at), "j F, H:i")}


def _is_draft(renewal: ExceptionCase) -> bool:
    return bool(renewal.state == State.DRAFT)


def _then(request: PersonRequest, renewal: ExceptionCase) -> HttpResponse:
    return redirect("draft" if _is_draft(renewal) else "case", renewal.reference)


RENEWAL = Deed(
    action="renew",
    form=RenewalForm,
    heading=_("Renew"),
    lead=_(
        "Everything else is asked for again as it stands. It goes to its approvers anew, with what you say here. "
        "They have its safeguards verified anew too: what was found before does not carry over."
    ),
    button=_("Ask for the renewal"),
    done=_told,
    perform=_renew,
    then=_then,
    warns=_is_draft,
)
