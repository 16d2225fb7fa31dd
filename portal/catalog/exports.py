"""The catalog as a table to take away, in the columns it can be imported by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_safe

from audit import clock
from intake.kinds import KINDS, Kind
from portal import sheets
from portal.http import PersonRequest

CHUNK = 500


@login_required
@require_safe
def catalog_export(request: PersonRequest, kind: str, form: str) -> HttpResponseBase:
    """Every entry of a kind, in use or not, as CSV or XLSX; text that a spreadsheet would run stays text."""
    if form not in sheets.KINDS or kind not in KINDS:
        raise Http404
    header, rows = _entries(KINDS[kind])
    return sheets.answer(form, name=f"{kind}-{clock.now():%Y-%m-%d}", header=header, rows=rows)


def _entries(kind: Kind) -> tuple[list[str], Iterator[list[Any]]]:
    header = [column.label(kind.model) for column in kind.columns]
    rows = ([column.write(row) for column in kind.columns] for row in kind.rows().iterator(chunk_size=CHUNK))
    return header, rows


urlpatterns = [path("catalog/exports/<slug:kind>.<str:form>", catalog_export, name="catalog_export")]
