"""How a person signs in, how this session began, and where else they are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest

from accounts.models import User


@dataclass(frozen=True)
class Way:
    """One step of how this session began. `method` is password, socialaccount or mfa; `kind` that of a second step."""

    method: str
    kind: str
    at: datetime


@dataclass(frozen=True)
class SignedIn:
    """A browser somebody is signed in at; `agent` is what it calls itself."""

    began_at: datetime
    address: str
    agent: str
    is_this: bool


@dataclass(frozen=True)
class Means:
    """What a person can sign in with. `codes_left` is None without recovery codes."""

    has_password: bool
    passkeys: int
    has_app: bool
    codes_left: int | None
    linked_at: datetime | None


def means(user: User) -> Means:
    """Two queries."""
    held = list(Authenticator.objects.filter(user=user))
    codes = [one for one in held if one.type == Authenticator.Type.RECOVERY_CODES]
    return Means(
        has_password=user.has_usable_password(),
        passkeys=sum(one.type == Authenticator.Type.WEBAUTHN for one in held),
        has_app=any(one.type == Authenticator.Type.TOTP for one in held),
        codes_left=len(codes[0].wrap().get_unused_codes()) if codes else None,
        linked_at=SocialAccount.objects.filter(user=user).values_list("date_joined", flat=True).first(),
    )


def ways(request: HttpRequest, user: User) -> list[Way]:
    """How this session began, and each time its person proved themselves since; the first first."""
    records: list[dict[str, Any]] = get_authentication_records(request, user)
    return [Way(one["method"], one.get("type", ""), datetime.fromtimestamp(one["at"], UTC)) for one in records]


def sessions(user: User, here: str | None, at: datetime) -> list[SignedIn]:
    """Browsers that are signed in at `at` (UTC), the latest first; `here` is this session's key. Two queries."""
    known = {one.session_key: one for one in UserSession.objects.filter(user=user).order_by("-created_at", "-pk")}
    alive = {row.session_key: row for row in Session.objects.filter(session_key__in=known, expire_date__gt=at)}
    proof = user.get_session_auth_hash()
    return [
        SignedIn(one.created_at, one.ip, one.user_agent, is_this=key == here)
        for key, one in known.items()
        if key in alive and alive[key].get_decoded().get(HASH_SESSION_KEY) == proof
    ]
