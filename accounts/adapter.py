"""What this house allows of allauth: sign-in and passwords; accounts and addresses are changed elsewhere."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User

CONFIRM_BY = {
    "reauthenticate": _("Use your password"),
    "mfa_reauthenticate": _("Use a code from your app, or a recovery code"),
    "mfa_reauthenticate:webauthn": _("Use a passkey"),
}


class ClosedAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: a programme manager opens accounts."""
        return False

    def clean_email(self, email: str) -> str:
        """Nobody gives their own account another address: addresses are governed, as roles are."""
        email = super().clean_email(email)
        person = self.request.user if self.request else None
        if isinstance(person, User) and email.lower() != person.email:
            raise ValidationError(_("A programme manager changes the address you sign in with."))
        return email

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """A new password is no new version of the person, so nothing else is saved."""
        user.set_password(password)
        user.save(update_fields=["password"])

    def get_reauthentication_methods(self, user: AbstractBaseUser | AnonymousUser) -> list[dict[str, Any]]:
        """The ways to prove oneself anew, in the words of our pages."""
        methods = super().get_reauthentication_methods(user)
        return [{**method, "description": CONFIRM_BY.get(method["id"], method["description"])} for method in methods]
