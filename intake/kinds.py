"""What can be imported and exported: each kind of entry with its columns, read and written alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import ApproverGroup, Team, User
from catalog.labels import label_of
from catalog.models import (
    Control,
    CredentialForm,
    Environment,
    FrameworkItem,
    Identity,
    IdentityKind,
    System,
    Tier,
    Vendor,
)
from intake import cells
from intake.cells import Parse
from intake.tables import Cell

NO_TEAM = _("There is no team called %(cell)s.")
NO_VENDOR = _("There is no vendor called %(cell)s. Enter or import it first.")
NO_GROUP = _("There is no approver group called %(cell)s.")


@dataclass(frozen=True)
class Column:
    """One column: the field it fills, how a cell is read, and other names files give it."""

    name: str
    parse: Parse = cells.text
    also: tuple[str, ...] = ()
    empty: Any = ""

    def label(self, model: type[models.Model]) -> str:
        return label_of(model, self.name)

    def write(self, row: models.Model) -> Cell:
        """The cell that reads as what the row has."""
        value = self._written(getattr(row, self.name))
        return cells.shielded(value) if isinstance(value, str) else value

    def _written(self, value: Any) -> Cell:
        if isinstance(value, User):
            return value.email
        if isinstance(value, FrameworkItem):
            return value.code
        if isinstance(value, models.Manager):
            return ", ".join(map(str, value.all()))
        if isinstance(value, models.Model):
            return str(getattr(value, "slug", None) or value)
        if self.parse is cells.ids:
            return cells.written_ids(value)
        if isinstance(value, list):
            return ", ".join(value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        return value if isinstance(value, date) else str(value if value is not None else "")


@dataclass(frozen=True)
class Kind:
    """A kind of entry. `key` names the column by which a row is known; `named` makes one from the name."""

    slug: str
    title: Promise
    model: type[Control] | type[FrameworkItem] | type[Identity] | type[System] | type[Vendor]
    key: str
    columns: Sequence[Column]
    rows: Callable[[], models.QuerySet[Any]]
    unique: tuple[str, ...] = ()
    needed: tuple[str, ...] = field(default=("name",))

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


_NAMED = (Column("slug", also=("handle", "id", "key")), Column("name", also=("title",)))
_WORDS = Column("description", also=("notes", "comment", "purpose"))

KINDS = {
    kind.slug: kind
    for kind in (
        Kind(
            "identities",
            _("Identities"),
            Identity,
            "slug",
            (
                *_NAMED,
                Column("kind", cells.one_of(IdentityKind), ("type",)),
                Column("environment", cells.one_of(Environment), ("env", "stage")),
                Column("credential_form", cells.one_of(CredentialForm), ("credential", "auth", "authentication")),
                Column("owner", cells.person, ("owner email", "owned by", "responsible"), None),
                Column("backup_owner", cells.person, ("backup", "deputy"), None),
                Column("team", cells.row_of(Team, NO_TEAM), ("group", "department"), None),
                Column("vendor", cells.row_of(Vendor, NO_VENDOR), ("supplier",), None),
                # one a line, or on one line with ";" or ", " between them
                Column("external_ids", cells.ids, ("arn", "external id", "object id", "client id"), []),
                Column("last_rotated_on", cells.day, ("last rotated", "rotated", "rotation date"), None),
                _WORDS,
            ),
            lambda: Identity.objects.select_related("owner", "backup_owner", "team", "vendor").order_by("slug"),
            needed=("name", "kind", "environment"),
        ),
        Kind(
            "systems",
            _("Systems"),
            System,
            "slug",
            (
                *_NAMED,
                Column("environment", cells.one_of(Environment), ("env", "stage")),
                Column("criticality", cells.one_of(Tier), ("tier", "importance")),
                Column("owner", cells.person, ("owner email", "owned by", "responsible"), None),
                Column("tags", cells.small_words, ("labels",), []),
                _WORDS,
            ),
            lambda: System.objects.select_related("owner").order_by("slug"),
            unique=("name",),
            needed=("name", "environment", "criticality"),
        ),
        Kind(
            "vendors",
            _("Vendors"),
            Vendor,
            "slug",
            (
                *_NAMED,
                Column("onboarding_ref", also=("onboarding", "onboarding reference", "record")),
                Column("onboarding_url", also=("url", "link")),
                Column("review_on", cells.day, ("review date", "next review", "review due"), None),
                Column("contact_name", also=("contact",)),
                Column("contact_email", also=("contact email", "email", "e-mail")),
                _WORDS,
            ),
            lambda: Vendor.objects.order_by("slug"),
            unique=("name",),
        ),
        Kind(
            "controls",
            _("Controls"),
            Control,
            "code",
            (
                Column("code", also=("id", "key")),
                Column("title", also=("name",)),
                Column("statement", also=("text", "requirement", "description")),
                Column("severity", cells.one_of(Tier), ("risk", "tier")),
                Column("owner", cells.person, ("owner email", "owned by", "responsible"), None),
                Column("approver_group", cells.row_of(ApproverGroup, NO_GROUP), ("group", "approvers"), None),
                Column("exceptions_allowed", cells.yes_or_no, ("allows exceptions",)),
                Column("answers_to", cells.several, ("items", "maps to", "mapped to"), []),
                *(
                    Column(f"{kind}_{tier}", cells.whole)
                    for kind in ("term_cap", "lifetime_cap", "review_days")
                    for tier in ("low", "moderate", "high", "critical")
                ),
            ),
            lambda: Control.objects.select_related("owner", "approver_group").order_by("code"),
            needed=("code", "title", "statement", "severity", "approver_group"),
        ),
        Kind(
            "frameworks",
            _("Framework items"),
            FrameworkItem,
            "code",
            (
                Column("framework", also=("catalog", "standard", "source")),
                Column("code", also=("id", "key", "number", "reference")),
                Column("title", also=("name",)),
                Column("text", also=("statement", "description", "requirement")),
                Column("parent", also=("group", "family", "chapter")),
                Column("level", also=("kind", "type")),
                Column("is_withdrawn", cells.yes_or_no),
                Column("aliases", cells.several, ("alias", "also called", "former code"), []),
            ),
            lambda: (
                FrameworkItem.objects.select_related("framework", "parent")
                .prefetch_related("aliases")
                .order_by("framework__name", "position")
            ),
            needed=("framework", "code", "title"),
        ),
    )
}
