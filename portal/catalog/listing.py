"""A list of the catalog: searched, filtered, a page at a time; what cannot be read of a filter is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import ApproverGroup, Team
from catalog.managers import CatalogQuerySet
from catalog.models import Environment, IdentityKind, Tier, Vendor
from portal.http import PersonRequest
from portal.inputs import choice_or_all

Row = TypeVar("Row", bound=Model)
PAGE = 50
USES = (("", _("In use")), ("retired", _("Out of use")), ("all", _("All")))


class FilterForm(forms.Form):
    """The search; each further field narrows by the column of its name."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200)

    def read(self) -> dict[str, Any]:
        """What was understood."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class EntryFilter(FilterForm):
    narrowing: ClassVar[tuple[str, ...]] = ()

    def found(self, rows: CatalogQuerySet[Row]) -> CatalogQuerySet[Row]:
        asked = self.read()
        rows = rows.search(asked.get("q", ""))
        if asked.get("use") != "all":
            rows = rows.filter(is_active=asked.get("use") != "retired")
        return rows.filter(**{name: asked[name] for name in self.narrowing if name in asked})


class ControlFilter(EntryFilter):
    narrowing = ("severity", "approver_group")
    severity = choice_or_all(_("Severity"), _("Any severity"), Tier.choices)
    approver_group = forms.ModelChoiceField(
        ApproverGroup.objects.all(), label=_("Approver group"), required=False, empty_label=_("Any group")
    )
    use = choice_or_all(_("Status"), USES[0][1], USES[1:])


class IdentityFilter(EntryFilter):
    narrowing = ("kind", "environment", "team", "vendor")
    kind = choice_or_all(_("Kind"), _("Any kind"), IdentityKind.choices)
    environment = choice_or_all(_("Environment"), _("Any environment"), Environment.choices)
    team = forms.ModelChoiceField(Team.objects.all(), label=_("Team"), required=False, empty_label=_("Any team"))
    vendor = forms.ModelChoiceField(
        Vendor.objects.all(), label=_("Vendor"), required=False, empty_label=_("Any vendor")
    )
    use = choice_or_all(_("Status"), USES[0][1], USES[1:])


class VendorFilter(EntryFilter):
    use = choice_or_all(_("Status"), USES[0][1], USES[1:])


class SystemFilter(EntryFilter):
    narrowing = ("environment", "criticality")
    environment = choice_or_all(_("Environment"), _("Any environment"), Environment.choices)
    criticality = choice_or_all(_("Criticality"), _("Any criticality"), Tier.choices)
    use = choice_or_all(_("Status"), USES[0][1], USES[1:])


@dataclass(frozen=True)
class Paged(Generic[Row]):
    """One page of rows; `back` and `next` are addresses, "" where there is nothing more."""

    rows: list[Row]
    count: int
    back: str
    next: str


def paged(request: PersonRequest, rows: QuerySet[Row]) -> Paged[Row]:
    """The page asked for by `?page=`, or the nearest there is; two queries."""
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    back = _address(request, page.number - 1) if page.has_previous() else ""
    onward = _address(request, page.number + 1) if page.has_next() else ""
    return Paged(list(page.object_list), page.paginator.count, back, onward)


def _address(request: PersonRequest, number: int) -> str:
    asked = request.GET.copy()
    asked["page"] = str(number)
    return f"?{asked.urlencode()}"


def tabs(request: PersonRequest, name: str, found: Mapping[Any, int], wanted: Any) -> list[dict[str, Any]]:
    """For components/tabs.html: each kind with its number, the other filters kept. `name` is the field that chooses."""
    every = {
        "label": _("All"),
        "href": _with_kind(request, name, ""),
        "current": not wanted,
        "count": sum(found.values()),
    }
    return [every] + [
        {"label": one.label, "href": _with_kind(request, name, one), "current": wanted == one, "count": number}
        for one, number in found.items()
    ]


def _with_kind(request: PersonRequest, name: str, kind: str) -> str:
    asked = request.GET.copy()
    asked.pop("page", None)
    asked[name] = kind
    return f"?{asked.urlencode()}"
