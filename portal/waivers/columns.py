"""What the columns of a sent table mean: its sender says so, once for each header, before anything is shown of it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.rules import demand_changes_things
from intake.tables import Cell, NotATable, header_and_lines
from portal.exception_form.fields import Text
from portal.http import PersonRequest, refusals_answered
from portal.inputs import DAY_FIRST, DAYS, MONTH_FIRST, order_of_days
from waivers import columns, queries, services, tables
from waivers.models import Upload, UploadedFile
from waivers.tables import TableMapping

SAMPLES = 3
MEANINGS = {
    "key": (
        _("What names the entry"),
        _("If the file is imported again, this tells which exception is which. No two lines may have the same."),
    ),
    "excepted": (_("What is excepted"), _("The finding, rule, policy, port or permission that is set aside.")),
    "title": (_("Title"), _("What people read first in lists. Without it, what is excepted stands there.")),
    "places": (_("Where"), _("The hosts, paths, networks or accounts it is limited to.")),
    "reason": (_("Why"), _("Becomes the reason in the draft. Where it is empty, whoever claims the draft gives one.")),
    "ends": (_("When it ends"), _("Becomes the end of the draft. A line whose date cannot be read is not imported.")),
    "facts": (_("What else to keep"), _("Such as who asked or approved. It is kept in the words of the draft.")),
}
VERB = _("What each one does")


class ColumnsForm(forms.Form):
    """Which columns hold each meaning. A column goes by its place, since its name may hold what no form can carry."""

    dates = order_of_days(*tables.ORDERS)
    verb = Text(label=VERB, max_length=40, help_text=_("One word for all of them, such as ignore, allow or open-port."))

    def __init__(self, data: Mapping[str, Any] | None, header: Sequence[str], how: TableMapping) -> None:
        places = {meaning: [str(header.index(name)) for name in names] for meaning, names in how.columns.items()}
        super().__init__(data, initial={**places, "dates": how.dates, "verb": how.verb})
        for meaning in tables.MEANINGS:
            self.fields[meaning] = _asking(meaning, header, how.columns.get(meaning, ()))
        self.order_fields(tables.MEANINGS)

    def clean_verb(self) -> str:
        word = str(self.cleaned_data["verb"]).strip().lower() or TableMapping.verb
        try:
            return tables.verb_of(word)
        except tables.BadMapping as error:
            raise ValidationError(str(error)) from error

    @property
    def how(self) -> TableMapping:
        """What was said; call after `is_valid`."""
        said = self.cleaned_data
        named = {meaning: tuple(said[meaning]) for meaning in tables.MEANINGS if said[meaning]}
        return TableMapping(named, said["dates"], said["verb"])

    @property
    def meanings(self) -> list[forms.BoundField]:
        return [self[meaning] for meaning in tables.MEANINGS]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def say_columns(request: PersonRequest, pk: int, file: int) -> HttpResponseBase:
    """What the columns of one table mean; then the next table is asked about. Another person's does not exist."""
    sent = UploadedFile.objects.select_related("upload").exclude(header=[])
    table = get_object_or_404(sent, pk=file, upload=pk, upload__by=request.user)
    demand_changes_things(request.user)
    form = ColumnsForm(request.POST if request.method == "POST" else None, table.header, columns.proposed(table))
    if form.is_valid():
        services.say_columns(file=table, how=form.how, actor=request.user)
        return next_step(table.upload)
    return render(request, "portal/waivers/columns.html", {"table": table, "form": form, **_shown(table)})


def next_step(upload: Upload) -> HttpResponse:
    """To the next table whose columns nobody has explained, else to what would come of the upload."""
    table = queries.unasked(upload)
    if table is None:
        return redirect("waivers_preview", upload.pk)
    return redirect("waivers_columns", upload.pk, table.pk)


def told(how: Mapping[str, Any]) -> list[dict[str, Any]]:
    """How a table was read, in words, for whoever looks at its import."""
    named = how.get("columns", {})
    facts = [
        {"label": label, "value": ", ".join(map(_short, named[meaning]))}
        for meaning, (label, _hint) in MEANINGS.items()
        if named.get(meaning)
    ]
    if how.get("dates"):
        first = dict(zip(tables.ORDERS, (DAY_FIRST, MONTH_FIRST), strict=True))
        facts.append({"label": DAYS, "value": first[how["dates"]]})
    return [*facts, {"label": VERB, "value": how["verb"]}] if facts else []


def _asking(meaning: str, header: Sequence[str], chosen: Sequence[str]) -> forms.TypedMultipleChoiceField:
    """Those chosen come first, in their order: it is the order in which they are read."""
    label, hint = MEANINGS[meaning]
    names = [*chosen, *(name for name in header if name not in chosen)]
    return forms.TypedMultipleChoiceField(
        label=label,
        help_text=hint,
        required=meaning in tables.NEEDED,
        coerce=lambda place: header[int(place)],
        choices=[(str(header.index(name)), _short(name)) for name in names],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one column."), "invalid_choice": _("There is no such column.")},
    )


def _shown(table: UploadedFile) -> dict[str, Any]:
    """The columns with what stands first in each, or why the file cannot be read; and what else it is asked for."""
    alike = table.upload.files.filter(header=table.header).exclude(pk=table.pk).order_by("name")
    others = table.upload.files.filter(mapping={}).exclude(header=[]).exclude(header=table.header)
    found = {"alike": alike.values_list("name", flat=True), "others": others.count()}
    try:
        lines = list(islice(header_and_lines(io.BytesIO(bytes(table.content)))[1], SAMPLES))
    except NotATable as refusal:
        lines, found["broken"] = [], str(refusal)
    samples = [_samples([line.cells[place] for line in lines]) for place in range(len(table.header))]
    return {**found, "columns": list(zip(map(_short, table.header), samples, strict=True))}


def _samples(column: Sequence[Cell]) -> list[str]:
    return [_short(cell) for cell in dict.fromkeys(column) if cell]


def _short(cell: Cell) -> str:
    return Truncator(str(cell)).chars(60)
