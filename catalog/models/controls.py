"""A control: what applies by default, and how far an exception to it may go."""

from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from accounts.models import ApproverGroup
from audit.versions import HistoricalRecords
from catalog.constraints import filled, one_of
from catalog.managers import CatalogQuerySet
from catalog.models.choices import SafeguardKind, Tier
from catalog.validators import check_guidance, check_prefills, check_required_safeguards, check_sentences

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

TERM_CAPS = {Tier.LOW: 180, Tier.MODERATE: 90, Tier.HIGH: 30, Tier.CRITICAL: 14}
LIFETIME_CAPS = {Tier.LOW: 365, Tier.MODERATE: 180, Tier.HIGH: 90, Tier.CRITICAL: 28}
REVIEW_DAYS = {Tier.LOW: 90, Tier.MODERATE: 60, Tier.HIGH: 30, Tier.CRITICAL: 7}

check_code = RegexValidator(
    r"\A[A-Z0-9]+(-[A-Z0-9]+)*\Z",
    _("Write the code in capitals, digits and single hyphens, such as NHI-ROT-01."),
)


def cap(days: int, label: "StrPromise") -> "models.PositiveSmallIntegerField[int, int]":
    return models.PositiveSmallIntegerField(label, default=days, help_text=_("Days."))


def falling(kind: str, name: str, sentence: "StrPromise") -> models.CheckConstraint:
    """A number for each tier, none above that of a lower tier."""
    critical, high, moderate, low = (f"{kind}_{tier.name.lower()}" for tier in reversed(Tier))
    return models.CheckConstraint(
        condition=Q(**{f"{critical}__lte": F(high)})
        & Q(**{f"{high}__lte": F(moderate)})
        & Q(**{f"{moderate}__lte": F(low)}),
        name=name,
        violation_error_message=sentence,
    )


class ControlQuerySet(CatalogQuerySet["Control"]):
    searched = ("code", "title")

    def search(self, text: str) -> Self:
        """Also those that answer to a framework item of that code: "PR.AC-4" finds what answers to PR.AA-05."""
        called = apps.get_model("catalog", "FrameworkItem")._default_manager.called(text)
        answering = self.model._default_manager.filter(mappings__item__in=called.values("pk").order_by())
        return super().search(text) | self.filter(pk__in=answering.values("pk").order_by())


class Control(models.Model):
    """A requirement that applies by default, and how far an exception to it may go."""

    code = models.CharField(
        _("code"),
        max_length=40,
        unique=True,
        validators=[check_code],
        error_messages={"unique": _("Another control has this code.")},
    )
    title = models.CharField(_("title"), max_length=200)
    statement = models.TextField(_("statement"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="controls_owned",
        verbose_name=_("owner"),
    )
    approver_group = models.ForeignKey(
        ApproverGroup,
        models.PROTECT,
        related_name="controls",
        verbose_name=_("approver group"),
    )
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Tier)
    answers_to = models.JSONField(_("answers to"), default=list, blank=True)
    """References of framework items, as `FrameworkItem.reference` has them; `ControlItem` follows it for queries."""
    exceptions_allowed = models.BooleanField(_("exceptions allowed"), default=True)
    term_cap_low = cap(TERM_CAPS[Tier.LOW], _("longest term at low risk"))
    term_cap_moderate = cap(TERM_CAPS[Tier.MODERATE], _("longest term at moderate risk"))
    term_cap_high = cap(TERM_CAPS[Tier.HIGH], _("longest term at high risk"))
    term_cap_critical = cap(TERM_CAPS[Tier.CRITICAL], _("longest term at critical risk"))
    lifetime_cap_low = cap(LIFETIME_CAPS[Tier.LOW], _("longest lifetime at low risk"))
    lifetime_cap_moderate = cap(LIFETIME_CAPS[Tier.MODERATE], _("longest lifetime at moderate risk"))
    lifetime_cap_high = cap(LIFETIME_CAPS[Tier.HIGH], _("longest lifetime at high risk"))
    lifetime_cap_critical = cap(LIFETIME_CAPS[Tier.CRITICAL], _("longest lifetime at critical risk"))
    review_days_low = cap(REVIEW_DAYS[Tier.LOW], _("longest time between reviews at low risk"))
    review_days_moderate = cap(REVIEW_DAYS[Tier.MODERATE], _("longest time between reviews at moderate risk"))
    review_days_high = cap(REVIEW_DAYS[Tier.HIGH], _("longest time between reviews at high risk"))
    review_days_critical = cap(REVIEW_DAYS[Tier.CRITICAL], _("longest time between reviews at critical risk"))
    required_safeguards = models.JSONField(
        _("required safeguards"), default=dict, blank=True, validators=[check_required_safeguards]
    )
    """Safeguard kinds, each with the tier from which on an exception must have it."""
    end_conditions = models.JSONField(_("end conditions"), default=list, blank=True, validators=[check_sentences])
    """Sentences offered for what must happen if conditions change."""
    guidance = models.JSONField(_("guidance"), default=dict, blank=True, validators=[check_guidance])
    """What a requester reads, by identity kind; "" for all."""
    prefills = models.JSONField(_("prefilled sections"), default=dict, blank=True, validators=[check_prefills])
    is_active = models.BooleanField(_("in use"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    history = HistoricalRecords()
    objects = ControlQuerySet.as_manager()

    class Meta:
        ordering = ("code",)
        verbose_name = _("control")
        verbose_name_plural = _("controls")
        constraints = (
            one_of("severity", Tier, "control_severity_is_a_tier"),
            models.CheckConstraint(
                condition=Q(code=Upper("code")) & ~Q(code=""),
                name="control_code_is_upper_case",
                violation_error_message=_("Write the code in capitals."),
            ),
            filled("title", "control_has_a_title"),
            filled("statement", "control_has_a_statement"),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"term_cap_{tier}__gt": 0})
                    & Q(**{f"term_cap_{tier}__lte": F(f"lifetime_cap_{tier}")}),
                    name=f"control_{tier}_term_within_lifetime",
                    violation_error_message=_(
                        "A term is at least one day, and no longer than the lifetime at the same risk."
                    ),
                )
                for tier in ("low", "moderate", "high", "critical")
            ),
            falling("term_cap", "control_term_caps_fall_with_risk", _("A higher risk never has a longer cap.")),
            falling("lifetime_cap", "control_lifetime_caps_fall_with_risk", _("A higher risk never has a longer cap.")),
            falling(
                "review_days", "control_reviews_come_sooner_with_risk", _("A higher risk is never reviewed later.")
            ),
            models.CheckConstraint(
                condition=Q(review_days_critical__gt=0),
                name="control_reviews_are_days_apart",
                violation_error_message=_("There is at least one day between reviews."),
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="control_version_counts_from_one"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def term_cap(self, tier: Tier | int) -> int:
        """The longest one exception may run at this risk, in days."""
        caps = (self.term_cap_low, self.term_cap_moderate, self.term_cap_high, self.term_cap_critical)
        return caps[Tier(tier) - Tier.LOW]

    def safeguards_required(self, tier: Tier | int) -> list[SafeguardKind]:
        """What an exception at this risk must have: what lower risks must, too."""
        return [kind for kind in SafeguardKind if self.required_safeguards.get(kind, Tier.CRITICAL + 1) <= tier]

    def review_days(self, tier: Tier | int) -> int:
        """The longest an exception at this risk may run without a review, in days."""
        days = (self.review_days_low, self.review_days_moderate, self.review_days_high, self.review_days_critical)
        return days[Tier(tier) - Tier.LOW]

    def lifetime_cap(self, tier: Tier | int) -> int:
        """The longest an identity may be excepted in all, renewals included, in days."""
        caps = (
            self.lifetime_cap_low,
            self.lifetime_cap_moderate,
            self.lifetime_cap_high,
            self.lifetime_cap_critical,
        )
        return caps[Tier(tier) - Tier.LOW]
