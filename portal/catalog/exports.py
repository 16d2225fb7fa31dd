"""The catalog as a table to take away, in the columns it can be imported by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit import clock
from catalog.models import FrameworkItem
from intake.kinds import KINDS, Kind
from portal import sheets
from portal.http import PersonRequest

CHUNK = 500
FRAMEWORKS = "frameworks"


@login_required
@require_safe
def catalog_export(request: PersonRequest, kind: str, form: str) -> HttpResponseBase:
    """Every entry of a kind, in use or not, as CSV or XLSX; text that a spreadsheet would run stays text."""
    if form not in sheets.KINDS or kind not in {FRAMEWORKS, *KINDS}:
        raise Http404
    header, rows = _framework_items() if kind == FRAMEWORKS else _entries(KINDS[kind])
    return sheets.answer(form, name=f"{kind}-{clock.now():%Y-%m-%d}", header=header, rows=rows)


def _entries(kind: Kind) -> tuple[list[str], Iterator[list[Any]]]:
    header = [column.label(kind.model) for column in kind.columns]
    rows = ([column.write(row) for column in kind.columns] for row in kind.rows().iterator(chunk_size=CHUNK))
    return header, rows


def _framework_items() -> tuple[list[str], Iterator[list[Any]]]:
    items = FrameworkItem.objects.select_related("framework", "parent").prefetch_related("aliases")
    header = [_("Framework"), _("Code"), _("Title"), _("Text"), _("Part of"), _("Withdrawn"), _("Also called")]
    rows = (
        [
            item.framework.name,
            item.code,
            item.title,
            item.text,
            item.parent.code if item.parent else "",
            _("yes") if item.is_withdrawn else _("no"),
            ", ".join(alias.alias for alias in item.aliases.all()),
        ]
        for item in items.order_by("framework__name", "position").iterator(chunk_size=CHUNK)
    )
    return header, rows


urlpatterns = [path("catalog/exports/<slug:kind>.<str:form>", catalog_export, name="catalog_export")]
