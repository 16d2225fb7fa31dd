"""The register as a file: all that the filters find, in the columns that were chosen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.errors import NotPossible
from audit import clock
from exceptions_app.models import ExceptionCase
from exceptions_app.queries import register as queries
from portal import sheets, words
from portal.http import PersonRequest, refusals_answered
from portal.register.columns import COLUMNS, IN_FILES, joins, lines
from portal.register.forms import RegisterForm

CHUNK = 500
MOST_IN_XLSX = 100_000
"""A workbook is written whole before it is sent; CSV goes out as it is read."""
TOO_MANY = _("More than %(most)s exceptions are too many for one workbook. Narrow the filters, or take the CSV file.")


@login_required
@require_safe
def as_csv(request: PersonRequest) -> HttpResponseBase:
    """Comma-separated, in UTF-8; a cell that a spreadsheet would run is made text."""
    return _file(request, "csv")


@login_required
@require_safe
@refusals_answered
def as_xlsx(request: PersonRequest) -> HttpResponseBase:
    """A workbook with real dates. Raises NotPossible where it would be too long in the making."""
    return _file(request, "xlsx")


def _file(request: PersonRequest, kind: str) -> HttpResponseBase:
    at, form = clock.now(), RegisterForm.read(request.GET)
    found = queries.found(request.user, form.filters, at)
    if kind == "xlsx" and queries.more_than(found, MOST_IN_XLSX):
        raise NotPossible(TOO_MANY % {"most": words.grouped(MOST_IN_XLSX)})
    names = form.columns or list(IN_FILES)
    header = ["reference", "title", *names]
    return sheets.answer(kind, name=f"exceptions-{at:%Y-%m-%d}", header=header, rows=_rows(found, names, at))


def _rows(found: queries.Found, names: list[str], at: datetime) -> Iterator[sheets.Row]:
    batch: list[ExceptionCase] = []
    for case in queries.exported(found, joins(names)):
        batch.append(case)
        if len(batch) == CHUNK:
            yield from _block(batch, names, at)
            batch = []
    yield from _block(batch, names, at)


def _block(batch: list[ExceptionCase], names: list[str], at: datetime) -> Iterator[sheets.Row]:
    for line in lines(batch, names, at):
        yield [line.case.reference, line.case.title, *(COLUMNS[name].value(line) for name in names)]
