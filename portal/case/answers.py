"""The four answers: why, accepted by whom, guarded how, ends when (and did it)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exceptions_app import freshness
from exceptions_app.asking import answers_of
from exceptions_app.models import ACTIVATED, ENDED, ExceptionCase, Safeguard, State, Verdict
from exceptions_app.queries.case import Round, Story
from portal import words
from portal.case.ends import days_from_start, end_of, latest_end_of, moment
from portal.case.wording import Standing

WHY_WORDS = 26


@dataclass(frozen=True)
class Answer:
    label: str
    text: str | SafeString
    note: str | SafeString = ""


def answers(story: Story, standing: Standing, at: datetime) -> list[Answer]:
    """The four, each with what it rests on."""
    return [_why(story.case), _accepted(story), _guarded(story, at), _ends(story, standing, at)]


def _why(case: ExceptionCase) -> Answer:
    text = Truncator(case.justification.strip()).words(WHY_WORDS) or _("Not said yet.")
    note = f"{case.control.code} · {case.control.title}" if case.control else ""
    return Answer(_("Why"), text, note)


def _accepted(story: Story) -> Answer:
    label = _("Accepted")
    if story.approvals:
        lines = (
            (answer.person, answer.capacity, date_format(localtime(answer.decided_at), "j M Y"))
            for answer in story.approvals
        )
        pattern = _("{} as {}") + ' <span class="muted nowrap">{}</span>'
        text = format_html_join(SafeString("<br>"), pattern, lines)
        return Answer(label, text, _waiting(story.standing) if story.case.state == State.REQUESTED else "")
    if story.case.state == State.REQUESTED:
        return Answer(label, _("By nobody yet"), _waiting(story.standing))
    return Answer(label, _("By nobody"), _declined(story))


def _waiting(standing: Round | None) -> str:
    if standing is None or standing.current is None:
        return ""
    asked = standing.current
    place = {"k": standing.order_of(asked), "n": len(standing.steps), "group": asked.step.title}
    return _("Step %(k)d of %(n)d waits for %(group)s") % place


def _declined(story: Story) -> str:
    for round_ in story.rounds:
        for asked in round_.steps:
            for answer in answers_of(asked.step):
                if answer.verdict == Verdict.REJECT:
                    return _("Rejected by %(person)s") % {"person": answer.person}
    if story.case.state != State.DRAFT:
        return ""
    return _("It was sent back for changes") if story.rounds else _("It was not asked for yet")


def _guarded(story: Story, at: datetime) -> Answer:
    every = story.safeguards
    verified = [item for item in every if freshness.is_verified(item, at)]
    text = _("%(some)d of %(all)d verified") % {"some": len(verified), "all": len(every)}
    return Answer(_("Guarded"), text if every else _("No safeguard named"), _freshest(story, verified, at))


def _freshest(story: Story, verified: list[Safeguard], at: datetime) -> str:
    instants = [item.verified_at for item in verified if item.verified_at]
    if instants:
        return _("Last checked %(when)s") % {"when": words.relative(max(instants), at)}
    earlier = [item.verified_at for item in story.safeguards if item.verified_at]
    if earlier:
        return _("Last checked %(when)s; that no longer holds") % {"when": words.relative(max(earlier), at)}
    if not story.safeguards:
        return ""
    return _("Nobody checked any") if story.case.state in ENDED else _("Nobody has checked any yet")


def _ends(story: Story, standing: Standing, at: datetime) -> Answer:
    case, end_at = story.case, end_of(story.case)
    if case.state in ENDED and case.activated_at is None:
        note = moment(case.ended_at) if case.ended_at else ""
        return Answer(_("Ends"), _("Never began"), note)
    if end_at is None:
        return Answer(_("Ends"), _term(story), standing.sentence)
    over = at >= end_at
    label = _("Ended") if over else _("Ends")
    when = format_html('<span class="muted nowrap">{}</span>', words.relative(end_at, at))
    text = format_html("{} {}", moment(end_at), when)
    if case.state in ENDED:
        return Answer(label, text, _owed(story))
    if case.let_end_at and not over:
        return Answer(label, text, _("%(state)s It is not to be renewed.") % {"state": standing.sentence})
    return Answer(label, text, standing.sentence)


def _term(story: Story) -> str | SafeString:
    case = story.case
    count = days_from_start(case)
    if not count:
        return _("Not said yet")
    latest_at = latest_end_of(case)
    if latest_at is None:
        return _("%(days)s after its start") % {"days": words.days(count)}
    told = {"days": words.days(count), "end": moment(latest_at)}
    if case.renews and case.renews.state in ACTIVATED:
        pattern = _("{days} from the end of {before}, or from its start if that is later: at the latest on {end}")
        before = case.renews.reference if story.shows_predecessor else _("what it renews")
        return format_html(pattern, before=before, **told)
    if case.state == State.REQUESTED:
        pattern = _("{days} after its start: at the latest on {end}, if it is decided and starts on the last day")
    else:
        pattern = _("{days} after its start: at the latest on {end}, if it starts on the last day")
    return format_html(pattern, **told)


def _owed(story: Story) -> str:
    owed = sum(grant.removal_state == "owed" for grant in story.grants)
    if owed:
        count = ngettext("%(n)d grant is not confirmed removed", "%(n)d grants are not confirmed removed", owed)
        return count % {"n": owed}
    confirmed = {str(grant.removal_confirmed_by) for grant in story.grants if grant.removal_confirmed_by}
    return _("Access confirmed gone by %(who)s") % {"who": words.joined(sorted(confirmed))} if confirmed else ""
