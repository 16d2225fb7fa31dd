"""Builds the demo in one transaction: the company, four months of cases, and no mail to anyone."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import services as accounts
from accounts.errors import NotPossible
from accounts.models import User
from exceptions_app.models import ExceptionCase
from workflows import effects
from workflows.demo import company, waivers
from workflows.demo.cast import DOMAIN, FOUNDED
from workflows.demo.scene import Scene
from workflows.demo.script import ago
from workflows.demo.stories import STORIES
from workflows.demo.timeline import Moment, play

NOT_SENT = "Demo: not sent."


def stands() -> bool:
    """Whether the demo is in this database already."""
    return User.objects.filter(email=f"petra@{DOMAIN}").exists()


@transaction.atomic
def build(now: datetime) -> None:
    """Make the demo as if it had been lived up to `now` (UTC). Raises NotPossible beside real cases or people."""
    if ExceptionCase.objects.exists() or User.objects.exists():
        raise NotPossible(_("This database holds people or cases; the demo is only for an empty one."))
    scene, began_at = Scene(now), now - FOUNDED
    company.found(scene, began_at)
    leaving = Moment(ago(9, "17:00")(now), "oskar", _leaves)
    importing = Moment(ago(6, "14:20")(now), "petra", waivers.bring_in)
    play(scene, list(STORIES), [Moment(began_at + timedelta(hours=1), "", _nothing), leaving, importing])
    effects.shelve(at=now, reason=NOT_SENT)


def _leaves(scene: Scene, who: str, at: datetime) -> object:
    return accounts.deactivate(user=scene.people[who], actor=scene.people["petra"], at=at)


def _nothing(scene: Scene, who: str, at: datetime) -> object:
    """The clock begins here."""
    return None
