"""What a channel reads: less than a mail, since more people may read along, and never a link that decides by itself."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ApproverGroup
from exceptions_app.asking import Asked
from exceptions_app.models import State
from workflows.mails.occasion import Occasion
from workflows.mails.words import Fact, exact, facts, link, minute


@dataclass(frozen=True)
class Message:
    """`kind` is for programs; the rest is read by people, still unescaped, in the time zone that is active."""

    kind: str
    reference: str
    headline: str
    sentences: tuple[str, ...]
    facts: tuple[Fact, ...]
    link: str
    action: str
    why: str


_OUTCOMES = {
    "case.approved": (gettext_lazy("Approved"), gettext_lazy("%(person)s approved this exception.")),
    "case.rejected": (gettext_lazy("Rejected"), gettext_lazy("%(person)s rejected this request.")),
    "case.returned": (
        gettext_lazy("Returned for changes"),
        gettext_lazy("%(person)s asks for changes. The request is a draft again."),
    ),
    "case.withdrawn": (
        gettext_lazy("Withdrawn, nothing to decide"),
        gettext_lazy("%(person)s took this request back."),
    ),
    "case.lapsed": (
        gettext_lazy("Lapsed"),
        gettext_lazy("It was not decided in time. Silence never approves, so the request lapsed."),
    ),
}
_NOT_STARTED = gettext_lazy("It was approved but could not come into force in time, so the approval lapsed.")


def asked(about: Occasion, turn: Asked, steps: int, group: ApproverGroup) -> Message:
    """A step waits for people of this group."""
    opening = _("%(person)s asks for this exception.") % {"person": about.case.requester}
    return _asking(about, turn, steps, group, "case.asked", opening)


def escalated(about: Occasion, turn: Asked, steps: int, group: ApproverGroup) -> Message:
    """A step has come to this group because those it asks first have not decided, or may not."""
    opening = _("Those who are asked first have not decided, or too few of them may. So it has come to this group.")
    return _asking(about, turn, steps, group, "case.escalated", opening)


def outcome(about: Occasion, group: ApproverGroup) -> Message:
    """What became of a request the group was asked to decide."""
    headline, sentence = _OUTCOMES[about.kind]
    if about.kind == "case.lapsed" and about.body.get("from_state") == State.APPROVED:
        sentence = _NOT_STARTED
    return Message(
        kind=about.kind,
        reference=about.case.reference,
        headline=str(headline),
        sentences=(str(sentence) % {"person": about.by},),
        facts=tuple(facts(about.case)),
        link=link(about.case),
        action=_("Open the exception"),
        why=_("This channel gets it because %(group)s was asked to decide it.") % {"group": group},
    )


def trial(group: ApproverGroup, person: object) -> Message:
    """A message that only shows that messages arrive."""
    return Message(
        kind="channel.tested",
        reference="",
        headline=_("Test message"),
        sentences=(
            _("%(person)s sent this to see whether messages arrive. There is nothing to do.") % {"person": person},
        ),
        facts=(),
        link=f"{settings.BASE_URL}{reverse('queue')}",
        action=_("Open the queue"),
        why=_("This channel gets it because it is the channel of %(group)s.") % {"group": group},
    )


def _asking(about: Occasion, turn: Asked, steps: int, group: ApproverGroup, kind: str, opening: str) -> Message:
    place = _("%(number)d of %(steps)d: %(name)s")
    place %= {"number": turn.step.order, "steps": steps, "name": turn.step.name}
    return Message(
        kind=kind,
        reference=about.case.reference,
        headline=_("Decide by %(when)s") % {"when": minute(about.case.decide_by_at)},
        sentences=(
            opening,
            _("Members of %(group)s decide on its page, signed in, until %(when)s. Silence never approves.")
            % {"group": group, "when": exact(about.case.decide_by_at)},
        ),
        facts=(*facts(about.case), Fact("step", _("Step"), place)),
        link=link(about.case),
        action=_("Read and decide"),
        why=_("This channel gets it because %(group)s may decide the step “%(step)s”.")
        % {"group": group, "step": turn.step.name},
    )
