"""What the provider says, and whether to believe it."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import jwt
import requests
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import cached_property

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signatures by a key only the provider has; never "none", never a shared secret."""
LEEWAY = 60  # seconds that two clocks may differ
NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


class Away(OAuth2Error):
    """The provider cannot be reached, or does not answer as one."""


class HouseOIDCAdapter(OpenIDConnectOAuth2Adapter):
    """Talks to the provider, and believes nothing it has not verified."""

    verifier = ""

    @property
    def known_provider(self) -> Any:
        return self.get_provider()  # type: ignore[no-untyped-call]

    @cached_property
    def openid_config(self) -> dict[str, Any]:
        """The provider's own description (Discovery 1.0). Raises Away."""
        provider = self.known_provider
        described = _fetched(provider.server_url)
        if not all(isinstance(described.get(name), str) for name in NEEDED):
            raise Away("The provider's description is incomplete.")
        if described["issuer"].rstrip("/") != issuer_of(provider.app):
            raise Away("The provider calls itself by another issuer.")
        return described

    @property
    def basic_auth(self) -> bool:  # type: ignore[override]
        """How the token endpoint wants the secret; a provider that does not say wants it in the header (Core 9)."""
        methods = self.openid_config.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return "client_secret_post" not in methods

    def get_access_token_data(
        self, request: HttpRequest, app: SocialApp, client: Any, pkce_code_verifier: str | None = None
    ) -> Any:
        self.verifier = pkce_code_verifier or ""
        return super().get_access_token_data(request, app, client, pkce_code_verifier=pkce_code_verifier)

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        """The access token serves this once and is not kept."""
        return SocialToken(token=data["access_token"])

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:
        claims = self._verified(app, kwargs["response"].get("id_token"))
        if "email" not in claims and isinstance(self.openid_config.get("userinfo_endpoint"), str):
            claims = self._told(token, claims)
        made: SocialLogin = self.known_provider.sociallogin_from_response(request, claims)
        return made

    def _verified(self, app: SocialApp, id_token: Any) -> dict[str, Any]:
        """The claims of the ID token (Core 3.1.3.7). Raises OAuth2Error."""
        keys = _fetched(self.openid_config["jwks_uri"])
        try:
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key=_key(keys, id_token),
                algorithms=ALGORITHMS,
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except (jwt.PyJWTError, TypeError, ValueError, AttributeError) as error:
            raise OAuth2Error("The ID token does not verify.") from error
        if not hmac.compare_digest(str(claims.get("nonce", "")), nonce_for(self.verifier)):
            raise OAuth2Error("The ID token was made for another sign-in.")
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != app.client_id:
            raise OAuth2Error("The ID token was made for another application.")
        return claims

    def _told(self, token: SocialToken, claims: dict[str, Any]) -> dict[str, Any]:
        """The claims with what the userinfo endpoint adds, if it speaks of the same person (Core 5.3.2)."""
        told = _fetched(self.profile_url, token=token.token)
        if told.get("sub") != claims["sub"]:
            raise OAuth2Error("The userinfo endpoint speaks of somebody else.")
        return {**told, **claims}


def issuer_of(app: SocialApp) -> str:
    return str(app.settings["server_url"]).rstrip("/")


def nonce_for(verifier: str) -> str:
    """Said to the provider before, and expected in its token after: the verifier itself stays with us until then."""
    return hashlib.sha256(f"nonce of {verifier}".encode()).hexdigest()


def _fetched(address: str, token: str = "") -> dict[str, Any]:
    """What the provider answers, an object. Raises Away."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        answer = requests.get(address, headers=headers, timeout=settings.SOCIALACCOUNT_REQUESTS_TIMEOUT)
        answer.raise_for_status()
        told = answer.json()
    except requests.RequestException as error:
        raise Away(str(error)) from error
    if not isinstance(told, dict):
        raise Away("The provider answers something else.")
    return told


def _key(keys: dict[str, Any], id_token: str) -> jwt.PyJWK:
    """The key that the token names; the only one where it names none."""
    known = jwt.PyJWKSet.from_dict(keys).keys
    name = jwt.get_unverified_header(id_token).get("kid")
    found = [key for key in known if name in {None, key.key_id}]
    if len(found) != 1:
        raise jwt.InvalidKeyError("The token names no key of the provider.")
    return found[0]
