"""Teams and their leads."""

from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.db import transaction

from accounts import recording
from accounts.models import Team, User
from accounts.recording import Happening
from accounts.services.guards import demand_active, demand_governor


class TeamDetails(TypedDict, total=False):
    name: str
    lead: User | None


STREAM = "accounts/teams"


@transaction.atomic
def create_team(*, name: str, actor: User | None, at: datetime, lead: User | None = None) -> Team:
    """Raises NotAllowed, NotPossible."""
    demand_governor(actor)
    demand_active(lead, "lead")
    team = Team(name=name.strip(), lead=lead)
    body = {"team": team.name, **recording.facts(team, ("lead",))}
    recording.keep(team, happening=Happening(stream=STREAM, kind="team.created", by=actor, at=at), body=body)
    return team


@transaction.atomic
def change_team(*, team: Team, actor: User | None, at: datetime, **details: Unpack[TeamDetails]) -> Team:
    """Raises NotAllowed, NotPossible."""
    demand_governor(actor)
    demand_active(details.get("lead"), "lead")
    team = recording.locked(team)
    body: dict[str, Any] = {"team": team.name}
    if changes := recording.amend(team, recording.trimmed(details)):
        happening = Happening(stream=STREAM, kind="team.changed", by=actor, at=at)
        recording.keep(team, happening=happening, body={**body, "changes": changes})
    return team
