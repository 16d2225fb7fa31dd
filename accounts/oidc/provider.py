"""The provider as allauth knows it: what is asked of it, and the little that is taken from its answer."""

from __future__ import annotations

import hashlib
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.http import HttpRequest

from accounts.oidc.verifying import HouseOIDCAdapter, issuer_of, nonce_for


class HouseProvider(OpenIDConnectProvider):
    """Taken are who it is, and an address; never a role."""

    oauth2_adapter_class = HouseOIDCAdapter

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Only where to go afterwards: nothing else of an address changes what we ask for."""
        asked = super().get_redirect_from_request_kwargs(request)
        return {"process": "login", "next_url": asked.get("next_url")}

    def get_pkce_params(self) -> dict[str, str]:
        """The challenge, and a nonce that only the verifier's holder can make again."""
        given: dict[str, str] = generate_code_challenge()
        return {**given, "nonce": nonce_for(given["code_verifier"])}

    def extract_uid(self, data: dict[str, Any]) -> str:
        """Issuer and subject together name a person; a provider put in another's place names nobody it did not know."""
        return hashlib.sha256(f"{issuer_of(self.app)}\n{data['sub']}".encode()).hexdigest()

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Nothing of it is kept."""
        return {}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        name, email = data.get("name"), data.get("email")
        return {
            "name": name if isinstance(name, str) else "",
            "email": email.strip().lower() if isinstance(email, str) else "",
        }

    def extract_email_addresses(self, data: dict[str, Any]) -> list[EmailAddress]:
        email = self.extract_common_fields(data)["email"]
        told = data.get("email_verified")
        is_verified = told is True or told == "true"  # some providers say it as text
        return [EmailAddress(email=email, verified=is_verified, primary=True)] if email else []
