"""What this house allows of allauth: sign-in and passwords; accounts and addresses are changed elsewhere."""

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User


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
