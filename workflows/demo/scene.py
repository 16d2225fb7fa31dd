"""The company's people and things by handle, its cases by story, and how an ask becomes a draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from accounts.models import ApproverGroup, Team, User
from catalog.models import Control, Identity, System
from exceptions_app.models import ExceptionCase
from exceptions_app.services import DraftContent, GrantContent, SafeguardContent


@dataclass(frozen=True)
class Opens:
    """One grant: actions and networks are words separated by spaces."""

    system: str
    actions: str
    resource: str
    networks: str = ""
    conditions: str = ""


@dataclass(frozen=True)
class Guard:
    """One compensating control."""

    kind: str
    description: str
    required: bool = True
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What a story asks for. `mended_in` is in days from now; texts left empty leave the draft unfinished."""

    title: str
    control: str
    identity: str
    credential: str = ""
    blocked: str = ""
    normal_path: str = ""
    why: str = ""
    if_changed: str = ""
    exit_plan: str = ""
    mended_in: int | None = None
    opens: tuple[Opens, ...] = ()
    guards: tuple[Guard, ...] = ()
    likelihood: int | None = None
    impact: int | None = None
    days: int | None = None


@dataclass
class Scene:
    """Everything the stories refer to, made so far. `now` is the instant the demo is built at (UTC)."""

    now: datetime
    people: dict[str, User] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    groups: dict[str, ApproverGroup] = field(default_factory=dict)
    controls: dict[str, Control] = field(default_factory=dict)
    identities: dict[str, Identity] = field(default_factory=dict)
    systems: dict[str, System] = field(default_factory=dict)
    cases: dict[str, int] = field(default_factory=dict)

    def case(self, key: str) -> ExceptionCase:
        """The case of a story as it stands now."""
        return ExceptionCase.objects.get(pk=self.cases[key])

    def content(self, ask: Ask, **extra: Any) -> DraftContent:
        """The draft a person would have written for this ask."""
        grants = [
            GrantContent(self.systems[o.system], o.actions.split(), o.resource, o.networks.split(), o.conditions)
            for o in ask.opens
        ]
        safeguards = [SafeguardContent(one.kind, one.description, one.required, one.details) for one in ask.guards]
        return DraftContent(self._fields(ask) | extra, grants, safeguards)

    def _fields(self, ask: Ask) -> dict[str, Any]:
        mended = None if ask.mended_in is None else (self.now + timedelta(days=ask.mended_in)).date()
        return {
            "title": ask.title,
            "control": self.controls[ask.control],
            "identity": self.identities[ask.identity],
            "credential_form": ask.credential or self.identities[ask.identity].credential_form,
            "blocked": ask.blocked,
            "normal_path": ask.normal_path,
            "justification": ask.why,
            "if_conditions_change": ask.if_changed,
            "exit_plan": ask.exit_plan,
            "remediation_on": mended,
            "likelihood": ask.likelihood,
            "impact": ask.impact,
            "term_days": ask.days,
        }
