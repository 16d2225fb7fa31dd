"""Passkeys: what allauth's forms accept from a browser, and the names it and its owner give a key.

A browser's answer is a stranger's text until the library has verified it: whatever it is, it ends in a sentence.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

NAME_LENGTH = 60
MOST_CHARACTERS = 20_000
REFUSED = _("This passkey could not be verified. Try again, or use another way.")
NO_ANSWER = _("No passkey was used. That needs JavaScript and a browser that knows passkeys.")
GARBLED = (ValueError, TypeError, KeyError, AttributeError, IndexError)
"""What the library raises for answers no browser gives."""


class PasskeyAdapter(DefaultMFAAdapter):
    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002
        """What a key is called whose owner gave it no name."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey %(number)d") % {"number": number}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Stopgap"}


class Answer(forms.JSONField):
    """A browser's answer to a challenge: an object of the shape WebAuthn gives it (Level 3, 5.1)."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        super().__init__(error_messages={"required": NO_ANSWER, "invalid": REFUSED})

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > MOST_CHARACTERS:
            raise ValidationError(REFUSED)
        answer = super().to_python(value)
        if answer is not None and not _has_shape(answer):
            raise ValidationError(REFUSED)
        return answer


@contextmanager
def refusing() -> Iterator[None]:
    """One sentence for what the library cannot read and for what it read and did not believe."""
    try:
        yield
    except ValidationError as error:
        if getattr(error, "code", "") != "incorrect_code":
            raise
        raise ValidationError(REFUSED) from error
    except GARBLED as error:
        raise ValidationError(REFUSED) from error


class Verified:
    """A form that signs in or confirms with a passkey."""

    def clean_credential(self) -> Any:
        with refusing():
            return super().clean_credential()  # type: ignore[misc]


class AddPasskeyForm(webauthn.AddWebAuthnForm):
    name = forms.CharField(
        label=_("What you call it"),
        required=False,
        max_length=NAME_LENGTH,
        help_text=_("Such as the phone or key that holds it. You can change it later."),
    )
    credential = Answer()
    passwordless = forms.BooleanField(
        label=_("Sign in with it alone"),
        required=False,
        initial=True,
        help_text=_("Without a password. Leave it off to use this passkey only as the second step."),
    )

    def clean(self) -> dict[str, Any]:
        demand_fresh_sign_in()
        with refusing():
            cleaned: dict[str, Any] = super().clean()
        return cleaned


class ActivateAppForm(ActivateTOTPForm):
    def clean(self) -> dict[str, Any]:
        demand_fresh_sign_in()
        return super().clean() or {}


class NamePasskeyForm(webauthn.EditWebAuthnForm):
    name = forms.CharField(label=_("What you call it"), max_length=NAME_LENGTH)


class SignInForm(Verified, webauthn.LoginWebAuthnForm):
    credential = Answer()


class SecondFactorForm(Verified, webauthn.AuthenticateWebAuthnForm):
    credential = Answer()


class ConfirmForm(Verified, webauthn.ReauthenticateWebAuthnForm):
    credential = Answer()


def demand_fresh_sign_in() -> None:
    """Refuses an old session of who has nothing to prove themselves anew with: who signs in elsewhere alone.

    Everybody else was asked by `ACCOUNT_REAUTHENTICATION_REQUIRED` already. Raises ValidationError.
    """
    request = context.request
    if get_reauthentication_flows(request.user):
        return
    latest = max((one["at"] for one in get_authentication_records(request, request.user)), default=0)
    if time.time() - latest > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
        raise ValidationError(_("Your sign-in is too long ago for this. Sign out and in again, then go on."))


def _has_shape(answer: Any) -> bool:
    if not isinstance(answer, dict) or not isinstance(answer.get("response"), dict):
        return False
    named = (answer.get("id"), answer.get("rawId"), answer.get("type"))
    return all(isinstance(text, str) and text for text in named)
