"""Imports: upload a table, say what its columns mean, look at what it would do, let it be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import NotPossible
from audit import clock
from intake import cells, services
from intake.kinds import KINDS, Kind
from intake.models import ImportRun, State
from portal.catalog import editing
from portal.catalog.listing import paged
from portal.chronicle import Names, changes_of, names_in
from portal.http import PersonRequest, put_on, refusals_answered
from portal.inputs import Words, order_of_days

TITLES = {kind.slug: kind.title for kind in KINDS.values()}


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label=_("What it holds"), choices=list(TITLES.items()))
    file = forms.FileField(
        label=_("File"), help_text=_("CSV in UTF-8, or XLSX. The first line names the columns; 30 MB at most.")
    )


class ColumnsForm(forms.Form):
    """Which column of the file each field is."""

    day_order = order_of_days(cells.DAY_FIRST, cells.MONTH_FIRST)
    why = forms.CharField(
        label=_("Why limits change"),
        required=False,
        max_length=2000,
        widget=Words(rows=2),
        help_text=_("Needed if the file changes what limits exceptions to a control: a second person decides on it."),
    )

    def __init__(self, data: Mapping[str, Any] | None, run: ImportRun) -> None:
        kind = KINDS[run.kind]
        initial = {"day_order": run.day_order, "why": run.why, **{f"in_{name}": of for name, of in run.mapping.items()}}
        super().__init__(data, initial=initial)
        if kind.slug != "controls":
            del self.fields["why"]
        offered = [("", _("Not in this file")), *((name, name) for name in run.header)]
        self.columns = [column.name for column in kind.columns]
        for column in kind.columns:
            label = capfirst(column.label(kind.model))
            self.fields[f"in_{column.name}"] = forms.ChoiceField(label=label, required=False, choices=offered)

    @property
    def mapping(self) -> dict[str, str]:
        return {name: self.cleaned_data[f"in_{name}"] for name in self.columns if self.cleaned_data[f"in_{name}"]}

    @property
    def column_fields(self) -> list[forms.BoundField]:
        return [self[f"in_{name}"] for name in self.columns]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def imports(request: PersonRequest) -> HttpResponseBase:
    """A file to upload, and the imports so far."""
    editing.demand_programme_manager(request.user)
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
    else:
        form = UploadForm(initial={"kind": request.GET.get("kind", "")})
    if request.method == "POST" and form.is_valid():
        try:
            run = services.upload(
                kind=form.cleaned_data["kind"],
                upload=form.cleaned_data["file"],
                actor=request.user,
                at=clock.now(),
            )
        except NotPossible as refusal:
            put_on(form, refusal)
        else:
            return redirect("import", run.pk)
    page = paged(request, ImportRun.objects.select_related("started_by"))
    rows = [(run, TITLES.get(run.kind, run.kind)) for run in page.rows]
    context = {"form": form, "page": page, "rows": rows, "known": [_known(kind) for kind in KINDS.values()]}
    return render(request, "portal/catalog/imports.html", context)


@login_required
@require_safe
@refusals_answered
def import_page(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Where this import stands, and what can be done next."""
    return _show(request, _run(request, pk))


@login_required
@require_POST
@refusals_answered
def import_check(request: PersonRequest, pk: int) -> HttpResponseBase:
    """The columns' meaning; a worker then looks what the file would do."""
    run = _run(request, pk)
    form = ColumnsForm(request.POST, run)
    if not form.is_valid():
        return _show(request, run, form, status=422)
    try:
        services.check(
            run=run,
            mapping=form.mapping,
            day_order=form.cleaned_data["day_order"],
            why=form.cleaned_data.get("why", ""),
            actor=request.user,
            at=clock.now(),
        )
    except NotPossible as refusal:
        put_on(form, refusal)
        return _show(request, run, form, status=422)
    return redirect("import", pk)


@login_required
@require_POST
@refusals_answered
def import_confirmation(request: PersonRequest, pk: int) -> HttpResponseBase:
    """What was shown is to be saved."""
    services.confirm(run=_run(request, pk), actor=request.user, at=clock.now())
    return redirect("import", pk)


@login_required
@require_POST
@refusals_answered
def import_discard(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Nothing is to be imported."""
    run = services.drop(run=_run(request, pk), actor=request.user, at=clock.now())
    messages.success(request, _("%(name)s is discarded. Nothing was changed.") % {"name": run.name})
    return redirect("imports")


def _known(kind: Kind) -> dict[str, Any]:
    """The columns a kind of entry is read by, and whether something new cannot be without each."""
    columns = [(capfirst(column.label(kind.model)), column.name in kind.needed) for column in kind.columns]
    return {"title": kind.title, "columns": columns}


def _run(request: PersonRequest, pk: int) -> ImportRun:
    editing.demand_programme_manager(request.user)
    return get_object_or_404(ImportRun.objects.select_related("started_by"), pk=pk)


def _show(
    request: PersonRequest, run: ImportRun, form: ColumnsForm | None = None, *, status: int = 200
) -> HttpResponse:
    names = names_in([fact for one in run.preview for fact in {**one["changes"], **one["guarded"]}.values()])
    asks = run.state in {State.ASKING, State.REFUSED, State.CHECKED}
    is_theirs = run.started_by == request.user
    context = {
        "run": run,
        "title": TITLES.get(run.kind, run.kind),
        "form": form or (ColumnsForm(None, run) if asks and is_theirs else None),
        "is_theirs": is_theirs,
        "samples": list(zip(run.header, *run.samples, strict=False)) if run.samples else [],
        "preview": [_told(run, one, names) for one in run.preview],
        "more": run.count("added") + run.count("changed") - len(run.preview),
        "may_drop": asks,
        "at": clock.now(),
    }
    template = "import_state.html" if request.htmx else "import.html"
    return render(request, f"portal/catalog/{template}", context, status=status)


def _told(run: ImportRun, one: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """One line's changes in words; of what is new only what it will be."""
    model, is_new = KINDS[run.kind].model, one["what"] == "added"
    changes = []
    for part, waits in ((one["changes"], False), (one["guarded"], True)):
        told = part if not is_new else {name: {**fact, "before": None} for name, fact in part.items()}
        changes += [(change, waits) for change in changes_of(told, model, names) if change.after or not is_new]
    return {**one, "changes": changes}


urlpatterns = [
    path("catalog/imports/", imports, name="imports"),
    path("catalog/imports/<int:pk>/", import_page, name="import"),
    path("catalog/imports/<int:pk>/check/", import_check, name="import_check"),
    path("catalog/imports/<int:pk>/confirmation/", import_confirmation, name="import_confirmation"),
    path("catalog/imports/<int:pk>/discard/", import_discard, name="import_discard"),
]
