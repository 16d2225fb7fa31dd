"""A case in plain words: what it opens, for how long, and how it stands at an instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from accounts.errors import NotPossible
from accounts.models import User
from exceptions_app import judges, narrowing, reliance, terms
from exceptions_app.asking import Asked
from exceptions_app.models import ACTIVATED, ENDED, ExceptionCase, Grant, RemovalState, Safeguard, State
from exceptions_app.queries.case import Story
from exceptions_app.reliance import Fall, Wanted
from exceptions_app.scope import Scope
from exceptions_app.services.granting import approved_term
from exceptions_app.sources import Stand
from portal import words
from portal.case.ends import moment, until


@dataclass(frozen=True)
class Standing:
    """How a case stands at an instant. `state` is the recorded one, unless the clock has overtaken it: then closed."""

    state: str
    end_reason: str
    is_in_force: bool
    sentence: str | SafeString
    falls_at: datetime | None = None


def opens(case: ExceptionCase, grant: Grant, at: datetime) -> SafeString:
    """“svc-erp may read kv/prod/erp/* on ERP from 10.4.0.0/16 until 4 December 2026, 17:00 CET.”"""
    if grant.opens is None:
        words = _("{who} gets nothing on {system} here: the approvals withheld it.")
        if grant.removal_state != RemovalState.NOT_OWED:
            words = _("{who} gets nothing on {system} here any more: a review took it away.")
        return _phrase(words, case, grant, grant.asked, at)
    return _phrase(_pattern(case, at), case, grant, grant.opens, at)


def asked_for(case: ExceptionCase, grant: Grant, at: datetime) -> SafeString | str:
    """What was asked, where the approvals left less; "" where they did not."""
    if grant.granted is None:
        return ""
    return _phrase(_("{actions} {resource}{networks}"), case, grant, grant.asked, at)


def taken_from(case: ExceptionCase, grant: Grant, at: datetime) -> SafeString | str:
    """What it opened before a review took some of that away; "" once somebody confirmed that it is gone."""
    if grant.taken is None:
        return ""
    return _phrase(_("{actions} {resource}{networks}"), case, grant, narrowing.scope_of(grant.taken), at)


def _phrase(pattern: str, case: ExceptionCase, grant: Grant, scope: Scope, at: datetime) -> SafeString:
    return format_html(
        pattern,
        who=format_html("<strong>{}</strong>", case.identity.slug if case.identity else _("The identity")),
        actions=words.joined(scope.actions) or "…",
        resource=format_html("<code>{}</code>", scope.resource or "…"),
        system=grant.system.name if grant.system else "…",
        networks=_networks(scope.networks),
        until=until(case),
    )


@dataclass(frozen=True)
class Opening:
    """A grant in words, what was asked where that is more, and the facts of the system it opens."""

    grant: Grant
    words: SafeString
    asked: SafeString | str
    taken: SafeString | str
    facts: str


def openings(case: ExceptionCase, grants: Sequence[Grant], at: datetime) -> list[Opening]:
    """Each grant in words."""
    return [
        Opening(
            grant,
            opens(case, grant, at),
            asked_for(case, grant, at),
            taken_from(case, grant, at),
            _system_facts(grant),
        )
        for grant in grants
    ]


def approval(case: ExceptionCase, at: datetime, at_most_days: int | None = None) -> str:
    """What approving does, for the button: “Approve until 4 December”, “Approve for 30 days”.

    `at_most_days` is what earlier approvals leave.
    """
    try:
        term = approved_term(case, at)
    except (NotPossible, ValueError):
        return _("Approve")
    if at_most_days is not None:
        term = min(term, timedelta(days=at_most_days))
    if case.term_days or at_most_days is not None:
        return _("Approve for %(days)s") % {"days": words.duration(term)}
    end_at = terms.start(case, at) + term
    far = localtime(end_at).year != localtime(at).year
    return _("Approve until %(day)s") % {"day": date_format(localtime(end_at), "j F Y" if far else "j F")}


def after_approval(case: ExceptionCase, at: datetime) -> str | SafeString:
    """What comes of it, for who has just approved: who decides next, or for how long it holds and when it starts.

    Where safeguards hold the start back, a link leads to them.
    """
    if case.state == State.REQUESTED:
        step = judges.current_step(case)
        return _("It is not decided yet: it waits for %(step)s.") % {"step": step.title if step else "–"}
    term = words.duration(timedelta(seconds=case.approved_term_seconds or 0))
    if not _waits_for_safeguards(case, at):
        return format_html("{} {}", format_html(_("It runs for {term}."), term=term), _before_start(case, at))
    held = _(
        "It runs for {term} once its required safeguards are verified, by {end} at the latest. "
        "Its approvers, or the owner of the control or of a system, do that."
    )
    said = format_html(held, term=term, end=moment(case.activate_by_at or at))
    place = f"{reverse('case', args=[case.reference])}#safeguards"
    return format_html('{} <a href="{}">{}</a>', said, place, _("Go to the safeguards"))


def standing(story: Story, at: datetime) -> Standing:
    """How the case of the story stands at `at`, for which the story was told."""
    case, is_in_force = story.case, story.is_in_force
    state, end_reason = case.standing_at(at)
    fall = reliance.fall(case, story.safeguards, story.reviews, at) if is_in_force else None
    said = _in_force(fall) if is_in_force else _out_of_force(case, at)
    falls_at = fall.at if fall else None
    return Standing(state, end_reason, is_in_force=is_in_force, sentence=said, falls_at=falls_at)


def _in_force(fall: Fall | None) -> str | SafeString:
    if fall is None:
        return _("In force now.")
    if fall.wanted == Wanted.REVIEW:
        said = _("In force now, until {when} unless somebody reviews it.")
    else:
        said = _("In force now, until {when} unless its safeguards are verified again.")
    return format_html(said, when=moment(fall.at))


def _out_of_force(case: ExceptionCase, at: datetime) -> str | SafeString:
    if case.state in ACTIVATED and case.expires_at and at >= case.expires_at:
        return _("No longer in force. The clock is about to record its end.")
    if case.state == State.REQUESTED:
        return _deadline(case.decide_by_at, at, _("Not in force: it is not approved yet."))
    if case.state == State.APPROVED:
        return _deadline(case.activate_by_at, at, _before_start(case, at))
    if case.standing_at(at)[0] == State.SUSPENDED:
        return _("Not in force: suspended until someone who does not gain lets it resume.")
    if case.state in ACTIVATED and case.activated_at and case.activated_at > at:
        return format_html(_("Not in force yet: begins on {start}."), start=moment(case.activated_at))
    if case.state in ENDED and case.activated_at is None:
        return _("Never in force.")
    return _("Not in force.")


def term_asked(case: ExceptionCase, at: datetime) -> str:
    """“30 of 90 days”: what is asked, of what the control allows at this risk."""
    numbers = days_asked(case, at)
    return _("%(asked)d of %(cap)d days") % numbers if numbers else "–"


def days_asked(case: ExceptionCase, at: datetime) -> dict[str, int]:
    """How many days are asked for, and how many the control allows at this risk; nothing while either is open."""
    if case.control is None or case.risk_tier is None:
        return {}
    return {"asked": terms.asked_days(case, at) or 0, "cap": case.control.term_cap(case.risk_tier)}


def _deadline(deadline: datetime | None, at: datetime, otherwise: str | SafeString) -> str | SafeString:
    if deadline and at >= deadline:
        return format_html(_("Lapsed on {end}. The clock is about to record it."), end=moment(deadline))
    return otherwise


def _before_start(case: ExceptionCase, at: datetime) -> str | SafeString:
    if _waits_for_safeguards(case, at):
        held = _(
            "Not in force yet: its approvers, or the owner of the control or of a system, verify its required "
            "safeguards, or it lapses on {end}."
        )
        return format_html(held, end=moment(case.activate_by_at or at))
    begins_at = case.activated_at or terms.earliest_start(case)
    if begins_at and begins_at > at:
        return format_html(_("Not in force yet: begins on {start}."), start=moment(begins_at))
    return _("Not in force yet: the clock starts it within a minute or so.")


def _waits_for_safeguards(case: ExceptionCase, at: datetime) -> bool:
    return Safeguard.objects.lacking(at).filter(case=case, required=True).exists()


def _pattern(case: ExceptionCase, at: datetime) -> str:
    if case.state in ENDED and case.activated_at is None:
        return _("{who} asked to {actions} {resource} on {system}{networks}{until}.")
    if case.state in ENDED or (case.expires_at and at >= case.expires_at):
        return _("{who} could {actions} {resource} on {system}{networks}{until}.")
    if case.state in {State.DRAFT, State.REQUESTED}:
        return _("{who} asks to {actions} {resource} on {system}{networks}{until}.")
    if case.state == State.APPROVED:
        return _("{who} may, once it starts, {actions} {resource} on {system}{networks}{until}.")
    if case.state == State.SUSPENDED:
        return _("{who} may, once it resumes, {actions} {resource} on {system}{networks}{until}.")
    return _("{who} may {actions} {resource} on {system}{networks}{until}.")


def demands(case: ExceptionCase) -> str:
    """“Severity high, owned by Connie. At this risk at most 30 days at a time, with: logging.”"""
    control, tier = case.control, case.risk_tier
    if control is None:
        return ""
    owned = {"severity": control.get_severity_display(), "owner": control.owner or _("no one")}
    said = _("Severity %(severity)s, owned by %(owner)s.") % owned
    if not control.exceptions_allowed:
        return f"{said} {_('It allows no exceptions.')}"
    if tier is None:
        return said
    needed = words.joined([kind.label.lower() for kind in control.safeguards_required(tier)])
    limits = {"days": words.days(control.term_cap(tier)), "safeguards": needed}
    most = (
        _("At this risk at most %(days)s at a time, with: %(safeguards)s.")
        if needed
        else _("At this risk at most %(days)s at a time.")
    )
    return f"{said} {most % limits}"


def _system_facts(grant: Grant) -> str:
    if grant.system is None:
        return ""
    facts = {
        "system": grant.system.name,
        "slug": grant.system.slug,
        "environment": grant.system.get_environment_display(),
        "criticality": grant.system.get_criticality_display(),
    }
    if facts["environment"].lower() in grant.system.name.lower():  # as in “Customer portal, staging”
        return _("%(system)s (%(slug)s): criticality %(criticality)s") % facts
    return _("%(system)s (%(slug)s): %(environment)s, criticality %(criticality)s") % facts


def _networks(networks: Sequence[str]) -> SafeString | str:
    if not networks:
        return ""
    blocks = format_html_join(", ", "<code>{}</code>", ((block,) for block in networks))
    return format_html(_(" from {networks}"), networks=blocks)


def role(asked: Asked, user: User) -> str:
    """In which role the person fills the step, to begin with: they may write another."""
    sitter, words = asked.seat(user), {"step": asked.step.group or asked.step.name}
    if sitter is None or sitter.stand == Stand.OWN:
        said = str(asked.step.group or asked.step.name)
    elif sitter.stand == Stand.LEAD:
        said = _("Lead for %(step)s") % words
    else:
        said = _("Fallback for %(step)s") % words
    if sitter is None or sitter.for_whom is None:
        return said
    return _("%(role)s, on behalf of %(who)s") % {"role": said, "who": sitter.for_whom}
