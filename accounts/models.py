"""People, teams and the groups that approve."""

import uuid
import zoneinfo
from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.managers import (
    ApproverGroupQuerySet,
    SavedViewQuerySet,
    UserManager,
    UserQuerySet,
)
from audit.actors import Actor

UNGOVERNED = frozenset({"password", "last_login"})


def check_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
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
    def short_name(self) -> str:
        """The given name, or what stands before the @ of the address."""
        return (self.name or self.email.partition("@")[0]).split()[0]

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

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


class ApproverGroup(models.Model):
    """People of whom one may decide, in the name of the group."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    slug = models.SlugField(_("handle"), max_length=60, unique=True)
    description = models.TextField(_("description"), blank=True)
    is_fallback = models.BooleanField(_("fallback"), default=False)
    members: "models.ManyToManyField[User, GroupMembership]" = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        through="GroupMembership",
        through_fields=("group", "member"),
        related_name="approver_groups",
        verbose_name=_("members"),
    )

    history = HistoricalRecords()
    objects = ApproverGroupQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("approver group")
        verbose_name_plural = _("approver groups")
        constraints = (
            models.UniqueConstraint(
                fields=("is_fallback",),
                condition=models.Q(is_fallback=True),
                name="at_most_one_fallback_group",
                violation_error_message=_("There is already a fallback group."),
            ),
            models.CheckConstraint(
                condition=~models.Q(name="") & ~models.Q(slug=""),
                name="approver_group_has_a_name",
                violation_error_message=_("Give the group a name and a handle."),
            ),
        )

    def __str__(self) -> str:
        return self.name


class GroupMembership(models.Model):
    group = models.ForeignKey(ApproverGroup, models.PROTECT, related_name="memberships", verbose_name=_("group"))
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="memberships",
        verbose_name=_("member"),
    )
    added_at = models.DateTimeField(_("added"))
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("added by"),
    )

    history = HistoricalRecords()

    class Meta:
        ordering = ("group", "member")
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = (
            models.UniqueConstraint(
                fields=("group", "member"),
                name="one_membership_a_person_and_group",
                violation_error_message=_("This person is already a member of the group."),
            ),
            models.CheckConstraint(
                condition=models.Q(added_by=None) | ~models.Q(added_by=models.F("member")),
                name="nobody_adds_themselves",
                violation_error_message=_("Nobody adds themselves to an approving group."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.member} · {self.group}"


class SavedView(models.Model):
    """A list as a person wants it: filters, columns and order, as an address has them. It shows nobody any more."""

    class Sharing(models.TextChoices):
        NOBODY = "", _("only me")
        TEAM = "team", _("my team")
        EVERYBODY = "everybody", _("everybody")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="saved_views")
    name = models.CharField(_("name"), max_length=60)
    query = models.TextField(_("filters"), blank=True, max_length=4000)
    sharing = models.CharField(_("shown to"), max_length=12, choices=Sharing, blank=True, default=Sharing.NOBODY)
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="+")
    saved_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ("name", "pk")
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = (
            models.UniqueConstraint(fields=("owner", "name"), name="one_saved_view_of_a_name"),
            models.CheckConstraint(condition=~models.Q(name=""), name="saved_view_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(sharing="team", team__isnull=False)
                | (models.Q(team=None) & models.Q(sharing__in=["", "everybody"])),
                name="saved_view_is_shared_with_a_team_or_not",
            ),
        )

    def __str__(self) -> str:
        return self.name


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def running(self, at: datetime) -> "AbsenceQuerySet":
        """Absences in which, at `at` (UTC), the delegate who accepted stands in."""
        return self.standing(at).filter(accepted_at__lte=at, from_at__lte=at)

    def standing(self, at: datetime) -> "AbsenceQuerySet":
        """Absences that are not over at `at` and were not called off or declined, whether or not they began."""
        return self.filter(ended_at__isnull=True, declined_at__isnull=True, until_at__gt=at)


class Absence(models.Model):
    """Somebody is out of office, and names who stands in; that person does once they accept, and only in the time."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="absences", verbose_name=_("person")
    )
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="delegations", verbose_name=_("who stands in")
    )
    from_at = models.DateTimeField(_("from"))
    until_at = models.DateTimeField(_("until"))
    reason = models.CharField(_("reason"), max_length=200)
    asked_at = models.DateTimeField(_("asked"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    declined_at = models.DateTimeField(_("declined"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended early"), null=True, blank=True)

    history = HistoricalRecords()
    objects = AbsenceQuerySet.as_manager()

    class Meta:
        ordering = ("-from_at", "-id")
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(person=models.F("delegate")),
                name="nobody_stands_in_for_themselves",
                violation_error_message=_("Name somebody else to stand in for you."),
            ),
            models.CheckConstraint(
                condition=models.Q(until_at__gt=models.F("from_at")),
                name="absence_ends_after_it_begins",
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                condition=~models.Q(reason=""),
                name="absence_has_a_reason",
                violation_error_message=_("Say why, such as “Parental leave”."),
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(declined_at=None),
                name="absence_is_not_both_accepted_and_declined",
            ),
        )
        indexes = (
            models.Index(
                fields=("delegate", "until_at"), condition=models.Q(ended_at=None), name="absence_by_delegate"
            ),
            models.Index(fields=("person", "until_at"), condition=models.Q(ended_at=None), name="absence_by_person"),
        )

    def __str__(self) -> str:
        return f"{self.person} · {self.delegate}"

    @property
    def is_waiting(self) -> bool:
        """Whether who was named has not answered, and nobody called it off."""
        return self.accepted_at is None and self.declined_at is None and self.ended_at is None


class MailKind(models.TextChoices):
    """What mails are about, as a person chooses among them."""

    DECIDE = "decide", _("You are asked to decide")
    BACKUP = "backup", _("You are asked to own, back up or complete an exception")
    REMOVAL = "removal", _("Access has to be removed, or its removal confirmed")
    OUTCOME = "outcome", _("What became of a request")
    FORCE = "force", _("An exception starts, stops, changes owner or ends soon")


class MailWhen(models.TextChoices):
    AT_ONCE = "at_once", _("At once")
    DIGEST = "digest", _("Once a day, at 8:00")
    NONE = "none", _("Not at all")


ACTS = (MailKind.DECIDE, MailKind.BACKUP, MailKind.REMOVAL)
"""Mails that ask for an act: they can wait for the morning, and cannot be switched off."""


class MailChoice(models.Model):
    """When a person gets mails of a kind; without a row, at once."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="mail_choices")
    kind = models.CharField(max_length=10, choices=MailKind)
    when = models.CharField(max_length=10, choices=MailWhen)

    class Meta:
        verbose_name = _("mail choice")
        verbose_name_plural = _("mail choices")
        constraints = (
            models.UniqueConstraint(fields=("person", "kind"), name="one_mail_choice_a_kind"),
            models.CheckConstraint(condition=models.Q(kind__in=MailKind.values), name="mail_kind_known"),
            models.CheckConstraint(condition=models.Q(when__in=MailWhen.values), name="mail_when_known"),
            models.CheckConstraint(
                condition=~models.Q(kind__in=ACTS, when=MailWhen.NONE),
                name="mails_that_ask_are_not_switched_off",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind}: {self.when}"
