"""How sets of people and groups are named and made."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import BaseUserManager
from django.db import models

if TYPE_CHECKING:
    from accounts.models import ApproverGroup, SavedView, User  # noqa: F401 - a type that stands in quotes


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> "UserQuerySet":
        return self.filter(is_active=True)

    def search(self, text: str) -> "UserQuerySet":
        """People whose name or e-mail contains the text; everyone when it is blank."""
        text = text.strip()
        if not text:
            return self
        return self.filter(models.Q(name__icontains=text) | models.Q(email__icontains=text))


class UserManager(BaseUserManager["User"]):
    """Makes bare rows. The recorded way to make a person is `accounts.services.create_user`."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def active(self) -> UserQuerySet:
        return self.get_queryset().active()

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").lower())

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, **fields, is_staff=True, is_superuser=True)


class ApproverGroupQuerySet(models.QuerySet["ApproverGroup"]):
    def fallback(self) -> "ApproverGroup | None":
        """The group that stands behind every other, or None before one is chosen."""
        return self.filter(is_fallback=True).first()


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def open_to(self, user: "User") -> "SavedViewQuerySet":
        """One's own, and those shared with everybody or with one's team."""
        shared = models.Q(sharing="everybody")
        if user.team_id is not None:
            shared |= models.Q(sharing="team", team=user.team_id)
        return self.filter(models.Q(owner=user) | shared)
