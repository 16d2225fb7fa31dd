"""How and when somebody proved who they are, as a decision records it and a step may demand it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest

from accounts.models import User

FRESH_FOR = timedelta(seconds=settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)
"""So long a proof counts as fresh, here as wherever a page asks for one."""


@dataclass(frozen=True)
class Proof:
    """One proof of who somebody is: by what, and when (UTC). A passkey that asks for its holder is a second factor."""

    method: str
    at: datetime
    is_second_factor: bool


@dataclass(frozen=True)
class SignIn:
    """Every proof of one session, the oldest first; none where no person sits at a page."""

    proofs: Sequence[Proof] = ()

    def is_fresh(self, at: datetime, *, with_second_factor: bool = False) -> bool:
        """Whether the person proved who they are within FRESH_FOR before `at` (UTC)."""
        recent = [proof for proof in self.proofs if timedelta() <= at - proof.at <= FRESH_FOR]
        return any(proof.is_second_factor for proof in recent) if with_second_factor else bool(recent)

    @property
    def kept(self) -> list[dict[str, Any]]:
        """As a decision keeps it."""
        return [{"method": proof.method, "at": proof.at.isoformat()} for proof in self.proofs]


def of(request: HttpRequest) -> SignIn:
    """The proofs of the session a request belongs to; none for nobody."""
    user = request.user if isinstance(request.user, User) else None
    return SignIn([_proof(record) for record in get_authentication_records(request, user)])


SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def second_factor_page(user: User) -> str:
    """The name of the page where this person uses their second factor; "" without one."""
    if is_mfa_enabled(user, types=[Authenticator.Type.TOTP]):
        return "mfa_reauthenticate"
    return "mfa_reauthenticate_webauthn" if is_mfa_enabled(user, types=[Authenticator.Type.WEBAUTHN]) else ""


def proves_anew(user: User) -> bool:
    """Whether this person can prove who they are without signing out: not who signs in elsewhere alone."""
    return bool(get_reauthentication_flows(user))


def _proof(record: dict[str, Any]) -> Proof:
    kind = str(record.get("type", ""))
    method = " ".join(filter(None, [str(record["method"]), kind]))
    return Proof(method, datetime.fromtimestamp(float(record["at"]), tz=UTC), record["method"] == "mfa")
