"""Questions and comments on a case: who takes part, whom a text mentions, and the form to write one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.forms import Form
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext, gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.texts import first_of
from audit import clock
from exceptions_app import freshness, judges, reliance, rules, services
from exceptions_app.asking import answers_of
from exceptions_app.freshness import Freshness
from exceptions_app.models import LIVE, Comment, ExceptionCase, RemovalState, Safeguard, State
from exceptions_app.queries import case as queries
from exceptions_app.queries.case import Story
from exceptions_app.queries.witnessing import witnesses_of
from exceptions_app.resuming import Concern
from portal import words
from portal.case.answering import Deed, Page, answer
from portal.case.forms import Statement
from portal.http import PersonRequest, case_or_404, refusals_answered, signed_in

MOST_OFFERED = 12
MOST_ASKED = 3
MOST_NAMED = 5
LONGEST_NAMED = 200
"""People an appeal is addressed to before its writer chooses."""
ANY_MENTION = re.compile(r"(?<![\w.])@\w")


@dataclass(frozen=True)
class Remark:
    """A comment, and whom it was for."""

    comment: Comment
    to: Sequence[User]


class CommentForm(Form):
    """The people who take part are offered; the text may name further ones with an @."""

    text = Statement(
        label=gettext_lazy("Write to those who take part"),
        missing=gettext_lazy("Write what you want to say."),
        help_text=gettext_lazy("Kept in the history for good; no part of what is approved. @name mentions somebody."),
    )
    to = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Tell by mail"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, people: Sequence[User], **options: Any) -> None:
        super().__init__(*args, **options)
        self.people = list(people)
        field = self.fields["to"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(person.pk, person.name) for person in self.people[:MOST_OFFERED]]

    def clean(self) -> dict[str, Any]:
        """`addressed` are those chosen and those mentioned."""
        found = super().clean() or {}
        chosen, text = set(found.get("to", ())), found.get("text", "")
        addressed = [person for person in self.people if person.pk in chosen or is_mentioned(person, text)]
        return found | {"addressed": addressed}


def is_mentioned(person: User, text: str) -> bool:
    """Whether the text names the person behind an @: by name or by e-mail address."""
    return _mention(person).search(text) is not None


def not_told(story: Story, user: User, text: str, asked: Appeal | None = None) -> list[str]:
    """Sentences that say who is named in the text and was not told, for taking no part nor being `asked`.

    By name only whom the case's page shows to the writer: whether anybody else exists is not theirs to learn.
    """
    told = takers_part(story, user)
    if asked is not None:
        told, text = [*told, *asked.people], text.replace(asked.text, "")  # a safeguard's words may name a channel
    passed = {one.pk: one for one in _shown(story) if one not in [*told, user] and is_mentioned(one, text)}
    rest = text
    for person in [*told, *passed.values(), user]:
        rest = _mention(person).sub("", rest)
    sentence = ngettext(
        "%(names)s was not told: only those who take part in it are.",
        "%(names)s were not told: only those who take part in it are.",
        len(passed),
    )
    found = [sentence % {"names": words.joined([one.name for one in passed.values()])}] if passed else []
    if ANY_MENTION.search(rest):
        found.append(gettext("Whom you named and who takes no part in it is not told: only those who take part are."))
    return found


def takers_part(story: Story, but: User) -> list[User]:
    """Who asked for it, owns it, decides or has decided it, or has written: each once, but for one of them."""
    found = {person.pk: person for person in _takers_part(story) if person is not None and person.is_active}
    return [person for key, person in found.items() if key != but.pk]


def remarks(story: Story) -> list[Remark]:
    """The comments, oldest first, with whom they were for."""
    people = {str(key): person for key, person in queries.people_in([one.told for one in story.comments]).items()}
    return [Remark(one, [people[key] for key in one.told if key in people]) for one in story.comments]


def form_for(story: Story, user: User, at: datetime) -> CommentForm | None:
    """The form to write with; None for who only reads."""
    if rules.why_not(user, "comment", story.case, at) is not None:
        return None
    return CommentForm(people=takers_part(story, user), auto_id="comment-%s")


@dataclass(frozen=True)
class Appeal:
    """What somebody may ask of others in one press: which act, of whom (the likeliest first), and in which words."""

    action: str
    people: Sequence[User]
    text: str

    @property
    def named(self) -> str:
        """The first few by name."""
        return words.named(self.people, listed=words.either)


def appeals(story: Story, user: User, at: datetime, reviewers: Sequence[User]) -> dict[str, Appeal]:
    """By act, what waits for others and this person may not do; `reviewers` are those who may review it now."""
    case, state = story.case, story.case.standing_at(at)[0]
    every = [*_of_witnesses(story, state, at), *_of_reviewers(story, reviewers, at), *_of_those_who_resume(story)]
    found = {one.action: one for one in every if one.people and rules.not_for(user, one.action, case, at)}
    return found if found and rules.why_not(user, "comment", case, at) is None else {}


def reviewers_of(story: Story, at: datetime) -> list[User]:
    """Those who may answer an open review of it, the likeliest first; nobody while none is open."""
    is_open = any(review.is_open(at) for review in story.reviews)
    return [sitter.user for sitter in judges.reviewers(story.case, at)] if is_open else []


def _of_witnesses(story: Story, state: str, at: datetime) -> Iterator[Appeal]:
    case = story.case
    stale = [one for one in story.safeguards if freshness.freshness(one, at) != Freshness.FRESH and state in LIVE]
    owed = [grant for grant in story.grants if grant.removal_state == RemovalState.OWED]
    witnesses = witnesses_of(case, at) if stale or owed else []
    if stale:
        yield Appeal("verify", witnesses, _verify_these(stale, _by_when(story, at)))
    if owed:
        said, places = gettext("Please confirm that this access is gone: %(what)s"), [grant.resource for grant in owed]
        yield Appeal("confirm_removal", witnesses, said % {"what": _listed(places)})


def _verify_these(stale: Sequence[Safeguard], by: str) -> str:
    """What failed is asked for apart from what only has to be looked at."""
    failed = [one.description for one in stale if one.failed_at]
    other = [one.description for one in stale if not one.failed_at]
    asked = (
        (gettext("Please verify whether this works again%(by)s: %(what)s"), failed),
        (gettext("Please verify%(by)s: %(what)s"), other),
    )
    return "\n".join(said % {"by": by, "what": _listed(texts)} for said, texts in asked if texts)


def _by_when(story: Story, at: datetime) -> str:
    """By when, as a part of a sentence: where the case else falls out of force or lapses; "" where neither is near."""
    case, fall = story.case, reliance.fall(story.case, story.safeguards, (), at) if story.is_in_force else None
    until_at = fall.at if fall else case.activate_by_at if case.state == State.APPROVED else None
    return gettext(" by %(when)s") % {"when": _exact(until_at)} if until_at and until_at > at else ""


def _of_reviewers(story: Story, reviewers: Sequence[User], at: datetime) -> Iterator[Appeal]:
    fall = reliance.fall(story.case, (), story.reviews, at) if story.is_in_force else None
    said = gettext("Please review this.")
    if fall:
        by = gettext("Please review this: unless somebody does, it is out of force from %(when)s.")
        said = by % {"when": _exact(fall.at)}
    yield Appeal("review", reviewers, said)


def _of_those_who_resume(story: Story) -> Iterator[Appeal]:
    """Of whom to ask that a suspended case resumes: before that, of whoever finds it an owner."""
    suspension = story.suspension
    if suspension is None:
        return
    if suspension.obstacle is None:
        said = gettext("Please look at this again, and resume it if it may be relied on.")
        yield Appeal("resume", suspension.people, said)
    elif suspension.obstacle.concern == Concern.OWNER:
        managers = list(
            User.objects.active().filter(is_programme_manager=True, is_auditor=False).order_by("name", "pk")
        )
        yield Appeal("offer_ownership", managers, gettext("Nobody owns this any more. Please hand it over, or end it."))


def _exact(instant: datetime) -> str:
    return date_format(localtime(instant), "j F Y, H:i T")


def _listed(texts: Iterable[str]) -> str:
    """The first few, each cut to a readable length: a comment holds only so much."""
    return "; ".join(first_of([Truncator(text.rstrip(" .")).chars(LONGEST_NAMED) for text in texts], MOST_NAMED))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def comments(request: PersonRequest, reference: str) -> HttpResponseBase:
    """Write about it."""
    case, at = case_or_404(request, reference), clock.now()
    story = queries.story(case, request.user, at)
    appeal = appeals(story, request.user, at, reviewers_of(story, at)).get(request.GET.get("ask", ""))
    people = {person.pk: person for person in [*(appeal.people if appeal else ()), *takers_part(story, request.user)]}
    initial = {"text": appeal.text, "to": [one.pk for one in appeal.people[:MOST_ASKED]]} if appeal else {}
    answered = answer(request, case, COMMENT, Page(initial=initial, options={"people": list(people.values())}))
    if answered.status_code != 302:
        return answered
    said = not_told(story, request.user, request.POST["text"], appeal)
    for sentence in said:
        messages.warning(request, sentence)
    return answered if said else redirect(f"{answered['Location']}#comments")


def _takers_part(story: Story) -> Iterator[User | None]:
    case = story.case
    yield from (case.requester, case.owner)
    if story.standing is not None:
        for asked in story.standing.steps:
            yield from (answer.person for answer in answers_of(asked.step))
        if story.standing.current is not None:
            yield from (sitter.user for sitter in story.standing.current.sitters)
    yield from (one.author for one in story.comments)
    if story.suspension is not None:
        yield story.suspension.by
    if case.backup_accepted_at:
        yield case.backup_owner
    if case.control is not None:
        yield case.control.owner


def _shown(story: Story) -> Iterator[User]:
    """Active people whom the page of the case names besides those who take part."""
    case, steps = story.case, story.standing.steps if story.standing else ()
    found = [case.backup_owner, case.identity.owner if case.identity else None]
    found += [guard.verified_by for guard in story.safeguards]
    for asked in (one for one in steps if case.state == State.REQUESTED and not one.is_met):
        found += [sitter.user for sitter in asked.sitters]
        found += [person for people in asked.kept_out.values() for person in people]
    yield from (person for person in found if person is not None and person.is_active)


def _mention(person: User) -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in (person.email, person.name) if name)
    return re.compile(rf"@(?:{names})(?!\w)", re.IGNORECASE)


def _comment(case: ExceptionCase, actor: User, at: datetime, said: dict[str, Any]) -> object:
    return services.comment(case=case, actor=actor, at=at, text=said["text"], to=said["addressed"])


COMMENT = Deed(
    action="comment",
    form=CommentForm,
    heading=gettext_lazy("Write"),
    lead=gettext_lazy("Questions and comments stay in the history for good."),
    button=gettext_lazy("Write"),
    done=gettext_lazy("Written."),
    perform=_comment,
)
