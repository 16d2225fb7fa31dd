"""What every change by two people has in common: it waits, another answers, all of it stands in the ledger."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts import recording
from accounts.errors import NotAllowed, NotPossible, Sentence, Stale
from accounts.independence import commands
from accounts.models import Proposal, ProposalState, User
from accounts.recording import Happening
from accounts.texts import says

PROPOSED = "change_proposed"
ACCEPTED = "change_accepted"
DECLINED = "change_declined"
WITHDRAWN = "change_withdrawn"


def keep(proposal: Proposal) -> None:
    """Let the change wait for a second person."""
    _keep(proposal, PROPOSED, proposal.proposed_by, proposal.proposed_at)


def demand_waiting(proposal: Proposal) -> None:
    """Raises NotPossible for one that was answered."""
    if proposal.state != ProposalState.WAITING:
        raise NotPossible(_("This change is answered already."))


def demand_second(proposal: Proposal, actor: User, *, mark: str) -> None:
    """Raises NotAllowed for who cannot be its second person, and Stale unless `mark` is that of what they read."""
    if (why_not := why_not_second(proposal, actor)) is not None:
        raise NotAllowed(why_not)
    if proposal.mark != mark:
        message = _("Another change was proposed after you opened this page. Read it before you accept it.")
        raise Stale(message, current=proposal)


def why_not_second(proposal: Proposal, actor: User) -> Sentence | None:
    """Why this person cannot be the second; None where they can."""
    if proposal.proposed_by == actor:
        return _("You proposed this change, so somebody else accepts it.")
    if commands(proposal.proposed_by, actor):
        said = _("%(who)s made your account, or gave it its address or role. Somebody else accepts this change.")
        return said % {"who": proposal.proposed_by}
    if commands(actor, proposal.proposed_by):
        said = _("You made the account of %(who)s, or gave it its address or role. Somebody else accepts this change.")
        return said % {"who": proposal.proposed_by}
    return None


def demand_untouched(proposal: Proposal, present: Mapping[str, Any], labels: Mapping[str, Any]) -> None:
    """Raises NotPossible where something it would change is not as it was when it was proposed."""
    if overtaken := sorted(name for name, fact in proposal.before.items() if present[name] != fact):
        names = ", ".join(str(labels.get(name, name)) for name in overtaken)
        raise NotPossible(_("Changed since: %(names)s. Decline this and propose it anew.") % {"names": names})


def accepted(proposal: Proposal, actor: User, at: datetime) -> None:
    """Write down that it was accepted; the caller has carried it out."""
    _answer(proposal, ProposalState.ACCEPTED, ACCEPTED, actor, at, "")


def decline(proposal: Proposal, actor: User, at: datetime, reason: str) -> None:
    """Nothing changes; who proposed it withdraws it in this way. Raises NotPossible without a reason by another."""
    if proposal.proposed_by == actor:
        _answer(proposal, ProposalState.WITHDRAWN, WITHDRAWN, actor, at, reason)
        return
    if not says(reason):
        message = _("Say why, for whoever proposed it.")
        raise NotPossible(message, fields={"reason": [message]})
    _answer(proposal, ProposalState.DECLINED, DECLINED, actor, at, reason)


def by_whom(proposal: Proposal) -> dict[str, str]:
    """What the events of the change itself say besides who accepted it."""
    return {"proposed_by": str(proposal.proposed_by.pseudonym)}


def _answer(row: Proposal, state: ProposalState, verb: str, actor: User, at: datetime, answer: str) -> None:
    row.state, row.answered_by, row.answered_at, row.answer = state, actor, at, answer.strip()
    _keep(row, verb, actor, at)


def _keep(row: Proposal, verb: str, actor: User, at: datetime) -> None:
    changes = {name: {"before": row.before[name], "after": fact} for name, fact in row.after.items()}
    happening = Happening(stream=row.stream, kind=f"{row.subject}.{verb}", by=actor, at=at)
    recording.keep(row, happening=happening, body={"changes": changes, "reason": row.answer or row.reason})
