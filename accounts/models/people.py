"""People and their teams. A person is never deleted: the record points at them."""

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.zones import is_zone
from audit.actors import Actor
from audit.versions import HistoricalRecords

UNGOVERNED = frozenset({"password", "last_login"})


def check_time_zone(name: str) -> None:
    if not is_zone(name):
        raise ValidationError(
            _("%(name)s is not a time zone. Write one such as Europe/Stockholm or UTC."),
            params={"name": name},
        )


def default_time_zone() -> str:
    return settings.TIME_ZONE


class Team(models.Model):
    name = models.CharField(_("name"), max_length=120, unique=True)
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="teams_led",
        verbose_name=_("lead"),
    )
    history = HistoricalRecords()

    class Meta:
        ordering = ("name",)
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(name=""),
                name="team_has_a_name",
                violation_error_message=_("Give the team a name."),
            ),
        )

    def __str__(self) -> str:
        return self.name


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


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address. Never deleted: the record points here."""

    email = models.EmailField(
        _("e-mail"),
        unique=True,
        error_messages={"unique": _("Somebody already signs in with this e-mail address.")},
    )
    name = models.CharField(_("name"), max_length=150, blank=True)
    team = models.ForeignKey(
        Team,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="members",
        verbose_name=_("team"),
    )
    manager = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("manager"),
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default=default_time_zone, validators=[check_time_zone])
    pseudonym = models.UUIDField(_("pseudonym"), default=uuid.uuid4, unique=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may open the administration pages"), default=False)
    is_auditor = models.BooleanField(_("auditor"), default=False)
    is_programme_manager = models.BooleanField(_("programme manager"), default=False)

    history = HistoricalRecords(excluded_fields=sorted(UNGOVERNED))
    objects = UserManager.from_queryset(UserQuerySet)()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ("name", "email")
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")),
                name="user_email_is_lower_case",
                violation_error_message=_("Write the e-mail address in lower case."),
            ),
            models.CheckConstraint(
                condition=~models.Q(email=""),
                name="user_has_an_email",
                violation_error_message=_("Give the person an e-mail address."),
            ),
            models.CheckConstraint(
                condition=~models.Q(manager=models.F("id")),
                name="user_is_not_own_manager",
                violation_error_message=_("A person cannot be their own manager."),
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def actor(self) -> Actor:
        """This person as the ledger knows them: by pseudonym."""
        return Actor("person", self.pseudonym)

    @property
    def stream(self) -> str:
        """Where the ledger tells of this person."""
        return f"accounts/users/{self.pseudonym}"

    @property
    def short_name(self) -> str:
        """The given name, or what stands before the @ of the address."""
        return (self.name or self.email.partition("@")[0]).split()[0]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return self.short_name

    def clean(self) -> None:
        self.email = self.email.strip().lower()

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **options: Any) -> None:
        """A sign-in or a new password is no new version of the person."""
        if update_fields is not None and UNGOVERNED.issuperset(update_fields := set(update_fields)):
            self.skip_history_when_saving = True
        try:
            super().save(*args, update_fields=update_fields, **options)
        finally:
            vars(self).pop("skip_history_when_saving", None)
