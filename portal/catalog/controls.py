"""Controls: the list, a control's page, and what programme managers do with it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.rules import may_run_catalog
from audit import clock
from catalog import queries as facts
from catalog import services
from catalog.models import Control, FrameworkItem, Tier
from exceptions_app.queries import catalog as queries
from portal.catalog import editing, proposals
from portal.catalog.control_form import ControlForm
from portal.catalog.editing import Kind
from portal.catalog.listing import ControlFilter, paged
from portal.catalog.things import READERS
from portal.chronicle import chronicle
from portal.http import PersonRequest
from portal.navigation import overseer

KIND: Kind[Control] = Kind(
    name="control",
    plural="controls",
    key="code",
    many=_("Controls"),
    new=_("New control"),
    add=_("Add the control"),
    form=ControlForm,
    create=services.create_control,
    change=services.change_control,
    retire=services.retire_control,
    reinstate=services.reinstate_control,
)


@login_required
@require_safe
def controls(request: PersonRequest) -> HttpResponse:
    """Every control, with how many exceptions to it are in force among those this person may see."""
    at, form = clock.now(), ControlFilter(request.GET)
    rows = form.found(Control.objects.visible_to(request.user).select_related("owner", "approver_group"))
    page = paged(request, rows)
    keys = [row.pk for row in page.rows]
    in_force = queries.in_force_counts(request.user, at, by="control", keys=keys)
    context = {
        "form": form,
        "page": page,
        "rows": [(row, in_force.get(row.pk, 0)) for row in page.rows],
        "may_change": may_run_catalog(request.user),
        "is_narrowed": bool(form.read()),
        "at": at,
    }
    return render(request, "portal/catalog/controls.html", context)


@login_required
@require_safe
def control(request: PersonRequest, code: str) -> HttpResponse:
    """What it demands, how far exceptions may go, who decides on them, which there are, and what was changed."""
    found, at = _control(request, code), clock.now()
    context = {
        "control": found,
        "caps": [
            (tier, found.term_cap(tier), found.lifetime_cap(tier), found.review_days(tier)) for tier in reversed(Tier)
        ],
        "required": [
            (kind.label, found.required_safeguards[kind]) for kind in found.safeguards_required(Tier.CRITICAL)
        ],
        "guidance": [(READERS[key], text) for key, text in found.guidance.items() if key in READERS],
        **proposals.waiting(request.user, found),
        "approvers": facts.approvers(found),
        "items": FrameworkItem.objects.filter(mappings__control=found).select_related("framework"),
        "listed": queries.cases_of(request.user, at, found),
        "stream": KIND.stream(found),
        "is_overseer": overseer(request.user),
        "changes": chronicle(KIND.stream(found), Control),
        "may_change": may_run_catalog(request.user),
        "at": at,
    }
    return render(request, "portal/catalog/control.html", context)


def _control(request: PersonRequest, code: str) -> Control:
    rows = Control.objects.visible_to(request.user).select_related("owner", "approver_group")
    return get_object_or_404(rows, code=code)


urlpatterns = [
    path("catalog/controls/", controls, name="controls"),
    *editing.doors(KIND, _control),
    path("catalog/controls/<slug:code>/", control, name="control"),
]
