"""What a mail is about: the event that caused it and the case as it stands now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import User
from exceptions_app import asking, judges
from exceptions_app.freshness import Freshness, freshness
from exceptions_app.models import ExceptionCase, Grant, RemovalState, Review, Safeguard
from exceptions_app.sources import Sitter
from workflows.models import Effect

_PARENTS = ("control__owner", "identity", "requester", "owner", "backup_owner", "renews")


@dataclass(frozen=True)
class Occasion:
    """An effect's event, and its case as the database holds it at `at` (UTC), not as it was when the event happened."""

    effect: Effect
    case: ExceptionCase
    at: datetime

    @classmethod
    def of(cls, effect: Effect, at: datetime) -> Occasion:
        reference = effect.event.stream.name.removeprefix("exceptions/")
        case = ExceptionCase.objects.select_related(*_PARENTS).get(reference=reference)
        return cls(effect, case, at)

    @property
    def kind(self) -> str:
        """The event's kind."""
        return self.effect.event.kind

    @cached_property
    def body(self) -> Mapping[str, Any]:
        """What the event says; empty once erased."""
        return self.effect.event.body or {}

    @cached_property
    def actor(self) -> User | None:
        """The person who did it; None for the clock."""
        return User.objects.filter(pseudonym=self.effect.event.actor_id).first()

    @property
    def by(self) -> str:
        """Who did it, in words."""
        return str(self.actor) if self.actor else _("The clock")

    @cached_property
    def digest(self) -> str:
        """What an answer must name to count now."""
        return asking.present_digests([self.case])[self.case.pk]

    @cached_property
    def owed(self) -> list[Grant]:
        """Grants whose removal nobody has confirmed."""
        owed = self.case.grants.filter(removal_state=RemovalState.OWED)
        return list(owed.select_related("system__owner").order_by("pk"))

    @cached_property
    def unguarded(self) -> list[Safeguard]:
        """Safeguards that are to be verified again, or at last."""
        every = self.case.safeguards.order_by("pk")
        return [one for one in every if freshness(one, self.at) != Freshness.FRESH]

    @cached_property
    def to_review(self) -> list[Review]:
        """Reviews somebody has to answer."""
        return list(self.case.reviews.open(self.at).order_by("due_at", "pk"))

    @cached_property
    def reviewers(self) -> list[Sitter]:
        """Those who may answer them."""
        return judges.reviewers(self.case, self.at)

    def said(self, name: str) -> str:
        """A text of the event's body, "" once erased."""
        return str(self.body.get(name, "")).strip()

    def instant(self, name: str) -> datetime | None:
        """An instant of the event's body."""
        return parse_datetime(self.said(name))
