"""A framework, its items, the other names they go by, and which control answers to which item."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from django.db import models
from django.db.models import Case, Q, Value, When
from django.utils.translation import gettext_lazy as _

from catalog.codes import key_of
from catalog.constraints import filled
from catalog.models.controls import Control


class Framework(models.Model):
    """Somebody else's list of what ought to be: NIST CSF 2.0, OWASP NHI Top 10."""

    slug = models.SlugField(_("handle"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=200)
    edition = models.CharField(_("edition"), max_length=60)
    publisher = models.CharField(_("publisher"), max_length=120, blank=True)
    source = models.URLField(_("source"), max_length=300, blank=True)
    licence = models.CharField(_("licence"), max_length=200, blank=True)
    is_closed = models.BooleanField(
        _("complete as shipped"),
        default=False,
        help_text=_("What an imported file adds to it is not part of this edition, and counts as withdrawn."),
    )

    class Meta:
        ordering = ("name",)
        verbose_name = _("framework")
        verbose_name_plural = _("frameworks")
        constraints = (filled("slug", "framework_has_a_handle"), filled("name", "framework_has_a_name"))

    def __str__(self) -> str:
        return self.name


class ItemQuerySet(models.QuerySet["FrameworkItem"]):
    def called(self, *codes: str) -> Self:
        """Items that go by one of the codes, however it is written: it is their own, or that of an older edition."""
        keys = {key for code in codes if (key := key_of(code))}
        return self.filter(Q(key__in=keys) | Q(pk__in=ItemAlias.objects.filter(key__in=keys).values("item")))

    def referred(self, references: Iterable[str]) -> list[FrameworkItem]:
        """The items of these references, in their frameworks' order. What is none of them is left out."""
        wanted = set(references)
        codes = [reference.partition(":")[2] for reference in wanted]
        return [item for item in self.filter(code__in=codes).select_related("framework") if item.reference in wanted]

    def search(self, text: str) -> Self:
        """Items that go by the text or hold it, those that go by it first; all in order when it is blank."""
        if not (text := text.strip()):
            return self
        called = type(self)(self.model, using=self.db).called(text).values("pk")
        holds = Q(code__icontains=text) | Q(title__icontains=text) | Q(text__icontains=text)
        nearest = Case(
            When(pk__in=called, then=Value(0)), When(code__istartswith=text, then=Value(1)), default=Value(2)
        )
        return self.filter(Q(pk__in=called) | holds).order_by(nearest, "is_withdrawn", "framework__name", "position")


class FrameworkItem(models.Model):
    """One entry of a framework. Items come and change with the framework's file, never one by one."""

    framework = models.ForeignKey(Framework, models.PROTECT, related_name="items", verbose_name=_("framework"))
    code = models.CharField(_("code"), max_length=60)
    key = models.CharField(_("comparable code"), max_length=80, db_index=True, editable=False)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children", verbose_name=_("part of"))
    level = models.CharField(_("level"), max_length=40, blank=True)
    title = models.TextField(_("title"))
    text = models.TextField(_("text"), blank=True)
    is_withdrawn = models.BooleanField(_("withdrawn"), default=False)
    position = models.PositiveIntegerField(_("position"))

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ("framework__name", "position")
        verbose_name = _("framework item")
        verbose_name_plural = _("framework items")
        constraints = (
            models.UniqueConstraint(fields=["framework", "code"], name="item_code_once_in_a_framework"),
            models.CheckConstraint(condition=~Q(code="") & ~Q(key="") & ~Q(title=""), name="item_has_code_and_title"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def goes_by(self, code: str) -> bool:
        """Whether `called` finds it by this code. Asks for its aliases."""
        return key_of(code) in {self.key, *(alias.key for alias in self.aliases.all())}

    @property
    def reference(self) -> str:
        """How other records name it: the framework's handle and the code. Needs the framework."""
        return f"{self.framework.slug}:{self.code}"


class ItemAlias(models.Model):
    """Another name of an item, such as its code in an older edition."""

    item = models.ForeignKey(FrameworkItem, models.CASCADE, related_name="aliases")
    alias = models.CharField(_("also called"), max_length=60)
    key = models.CharField(_("comparable code"), max_length=80, db_index=True, editable=False)

    class Meta:
        ordering = ("alias",)
        verbose_name = _("alias")
        verbose_name_plural = _("aliases")
        constraints = (models.UniqueConstraint(fields=["item", "alias"], name="item_alias_once"),)

    def __str__(self) -> str:
        return self.alias


class ControlItem(models.Model):
    """A control answers to an item. Follows `Control.answers_to`, which has the history."""

    control = models.ForeignKey(Control, models.CASCADE, related_name="mappings")
    item = models.ForeignKey(FrameworkItem, models.PROTECT, related_name="mappings")

    class Meta:
        ordering = ("item__framework__name", "item__position")
        verbose_name = _("mapping")
        verbose_name_plural = _("mappings")
        constraints = (models.UniqueConstraint(fields=["control", "item"], name="control_answers_to_an_item_once"),)

    def __str__(self) -> str:
        return f"{self.control.code}: {self.item.code}"
