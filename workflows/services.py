"""The verbs that need to know how work moves: asking with a route, and trying an effect again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import NotAllowed, NotPossible
from accounts.models import User
from accounts.rules import may_run_catalog
from catalog.models import Tier
from exceptions_app import services
from exceptions_app.models import ExceptionCase
from exceptions_app.services import DraftContent
from workflows.models import Effect
from workflows.routing import router_at


def submit(*, case: ExceptionCase, actor: User, at: datetime) -> ExceptionCase:
    """Ask for the exception by the route the rules give it. Raises as `exceptions_app.services.submit`."""
    return services.submit(case=case, actor=actor, at=at, router=router_at(at))


def amend(*, case: ExceptionCase, actor: User, at: datetime, version: int, content: DraftContent) -> ExceptionCase:
    """Change a request that waits; it is routed anew. Raises as `exceptions_app.services.amend`."""
    return services.amend(case=case, actor=actor, at=at, version=version, content=content, router=router_at(at))


def raise_tier(*, case: ExceptionCase, actor: User, at: datetime, tier: Tier, reason: str) -> ExceptionCase:
    """Hold the risk for higher; the request is routed anew. Raises as `exceptions_app.services.raise_tier`."""
    return services.raise_tier(case=case, actor=actor, at=at, tier=tier, reason=reason, router=router_at(at))


@transaction.atomic
def retry(*, effect: Effect, actor: User, at: datetime) -> Effect:
    """Let an open effect be tried at once. Raises NotAllowed (all but programme managers), NotPossible once settled."""
    if not may_run_catalog(actor):
        raise NotAllowed(_("Only programme managers try effects again."))
    row = Effect.objects.select_for_update(of=("self",)).get(pk=effect.pk)
    if not row.is_open:
        raise NotPossible(_("This effect is settled; there is nothing to try again."))
    row.next_attempt_at = min(row.next_attempt_at, at)
    row.save(update_fields=["next_attempt_at"])
    return row
