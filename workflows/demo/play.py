"""Builds the demo in one transaction: the company, three years of cases, and no mail to anyone."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts import services as accounts
from accounts.errors import NotPossible
from accounts.models import ProposalState, User
from catalog import services as catalog
from catalog.models import Control, ControlProposal
from catalog.services.controls import ControlDetails
from exceptions_app.models import ExceptionCase
from workflows import effects
from workflows.demo import company, rules, waivers
from workflows.demo.cast import DOMAIN, FOUNDED
from workflows.demo.scene import Scene
from workflows.demo.script import Doing, ago
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
    limits = [
        Moment(ago(210, "09:40")(now), "petra", _proposes("NHI-WHK-01", "The new gateway signs by itself", 60)),
        Moment(ago(209, "13:10")(now), "pia", _accepts("NHI-WHK-01")),
        Moment(ago(1, "15:20")(now), "petra", _proposes("NHI-API-01", "Three keys ran to their cap this year", 60)),
    ]
    asking = [
        Moment(ago(8, "10:05")(now), "petra", rules.propose_first),
        Moment(ago(7, "13:30")(now), "pia", rules.accept_first),
        Moment(ago(1, "16:10")(now), "petra", rules.propose_second),
    ]
    began = Moment(began_at + timedelta(hours=1), "", _nothing)
    play(scene, list(STORIES), [began, leaving, importing, *limits, *asking])
    effects.shelve(at=now, reason=NOT_SENT)
    _measure()


def _measure() -> None:
    """Empty tables are full now: PostgreSQL plans by what it knew before, until it looks again a minute later."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _leaves(scene: Scene, who: str, at: datetime) -> object:
    return accounts.deactivate(user=scene.people[who], actor=scene.people["petra"], at=at)


def _proposes(code: str, why: str, days: int) -> Doing:
    """Ask for a shorter term at low and moderate risk."""

    def do(scene: Scene, who: str, at: datetime) -> object:
        control = Control.objects.get(code=code)
        shorter = ControlDetails(term_cap_low=days, term_cap_moderate=days)
        actor, version = scene.people[who], control.version
        return catalog.change_control(control=control, version=version, actor=actor, at=at, why=why, **shorter)

    return do


def _accepts(code: str) -> Doing:
    def do(scene: Scene, who: str, at: datetime) -> object:
        proposal = ControlProposal.objects.get(control__code=code, state=ProposalState.WAITING)
        return catalog.accept_proposal(proposal=proposal, actor=scene.people[who], at=at)

    return do


def _nothing(scene: Scene, who: str, at: datetime) -> object:
    """The clock begins here."""
    return None
