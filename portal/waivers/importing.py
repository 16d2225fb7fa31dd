"""Bringing files in: send them, see what would come of it, then import. And what an import did."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.rules import demand_changes_things
from audit import clock
from portal.http import PersonRequest, refusals_answered, signed_in
from portal.waivers.columns import next_step, told
from portal.waivers.forms import UploadForm
from waivers import planning, queries, services
from waivers.formats import Findings
from waivers.models import ImportRun, Upload
from waivers.planning import Fate, Plan

MOST_AT_ONCE = 2_000
"""So many exceptions are imported while somebody waits; more belong to the command."""


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def upload(request: PersonRequest) -> HttpResponseBase:
    """Send files. They are kept until their sender has seen what would come of them; of tables, more is asked first."""
    demand_changes_things(request.user)
    form = (
        UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm(initial=_initial(request))
    )
    if request.method == "POST" and form.is_valid():
        place = form.cleaned_data["place"]
        contents = [(f"{place}/{name}", content) for name, content in form.contents()]
        kept = services.keep_upload(
            files=_apart(contents), place=place, zone=form.chosen_zone, actor=request.user, at=clock.now()
        )
        return next_step(kept)
    context = {"form": form, "zones": _zones(request.user), "runs": queries.runs()[:20], "at": clock.now()}
    return render(request, "portal/waivers/import.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@refusals_answered
def preview(request: PersonRequest, pk: int) -> HttpResponseBase:
    """What would come of the files sent; posted, it comes of them. Another person's upload does not exist."""
    kept = get_object_or_404(Upload, pk=pk, by=request.user)
    demand_changes_things(request.user)
    act = request.POST.get("act") if request.method == "POST" else ""
    if act == "discard":
        services.drop_upload(upload=kept)
        messages.info(request, _("Nothing was imported, and what you sent is forgotten."))
        return redirect("waivers_import")
    if queries.unasked(kept):
        return next_step(kept)
    found, zone, at = queries.found_in(kept), ZoneInfo(kept.zone), clock.now()
    made = planning.plan(found, actor=request.user, zone=zone, at=at)
    too_many = made.missing.all > MOST_AT_ONCE
    if act == "import" and made.changes and not too_many:
        return _carry_out(request, kept, found, zone, at)
    tables = dict(kept.files.exclude(header=[]).values_list("name", "pk"))
    context = {
        "upload": kept,
        "plan": made,
        "files": [(file, tables.get(file.findings.file)) for file in made.files],
        "counts": _counts(made),
        "rewrites": _rewrites(made, request.user),
        "too_many": too_many,
        "most": MOST_AT_ONCE,
        "at": at,
    }
    return render(request, "portal/waivers/preview.html", context)


@login_required
@require_safe
def run(request: PersonRequest, pk: int) -> HttpResponse:
    """What one import did, file by file."""
    found = get_object_or_404(ImportRun.objects.select_related("by"), pk=pk)
    files = [(file, told(file.mapping)) for file in found.files.order_by("file")]
    context = {"run": found, "files": files, "at": clock.now()}
    return render(request, "portal/waivers/run.html", context)


def _carry_out(
    request: PersonRequest, kept: Upload, found: list[Findings], zone: ZoneInfo, at: datetime
) -> HttpResponseBase:
    made, done = services.import_files(files=found, actor=request.user, at=at, zone=zone)
    services.drop_upload(upload=kept)
    new = made.count(Fate.NEW)
    messages.success(
        request,
        ngettext("%(n)d draft is there to be claimed.", "%(n)d drafts are there to be claimed.", new) % {"n": new},
    )
    return redirect("waivers_run", done.pk) if done else redirect("waivers")


def _initial(request: PersonRequest) -> dict[str, str]:
    return {"zone": request.user.time_zone, "place": request.GET.get("place", "")[:200]}


def _zones(user: User) -> list[str]:
    return list(dict.fromkeys([user.time_zone, "UTC"]))


def _apart(contents: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """The same files, a second one of a name numbered: the preview then says that its name tells it from none."""
    names: dict[str, int] = {}
    apart = []
    for name, content in contents:
        times = names[name] = names.get(name, 0) + 1
        folder, _slash, last = name.rpartition("/")
        apart.append((name if times == 1 else f"{folder}/{times}/{last}", content))
    return apart


def _rewrites(made: Plan, actor: User) -> str:
    return " ".join(
        ngettext(
            "%(n)d draft that %(who)s imported would change.", "%(n)d drafts that %(who)s imported would change.", n
        )
        % {"n": n, "who": person.name if person else _("the command line")}
        for person, n in made.rewrites(actor).items()
    )


def _counts(made: Plan) -> list[dict[str, object]]:
    return [
        {"label": _("New drafts"), "value": made.count(Fate.NEW)},
        {"label": _("Updated"), "value": made.count(Fate.UPDATED)},
        {"label": _("Unchanged"), "value": made.count(Fate.UNCHANGED, Fate.MOVED)},
        {"label": _("Claimed, left"), "value": made.count(Fate.LEFT)},
        {"label": _("Gone from file"), "value": made.vanished},
        {"label": _("Problems"), "value": made.problems, "tone": "red" if made.problems else ""},
    ]
