"""Frameworks and their items: a list to search, a framework's outline, an item with what answers to it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from audit import clock
from catalog.models import Control, Framework, FrameworkItem
from exceptions_app.queries import catalog as queries
from portal.catalog.listing import FilterForm, paged
from portal.http import PersonRequest


class ItemFilter(FilterForm):
    """Codes of any edition and words; with `withdrawn`, also what an edition no longer has."""

    framework = forms.ModelChoiceField(
        Framework.objects.all(),
        to_field_name="slug",
        label=_("Framework"),
        required=False,
        empty_label=_("All frameworks"),
    )
    withdrawn = forms.BooleanField(label=_("Withdrawn too"), required=False)


@login_required
@require_safe
def frameworks(request: PersonRequest) -> HttpResponse:
    """Every framework; searched, the items of all of them that go by the words or hold them."""
    form = ItemFilter(request.GET)
    asked = form.read()
    context: dict[str, Any] = {"form": form, "is_narrowed": bool(asked), "asked": asked.get("q", "")}
    if asked:
        context["page"] = paged(request, _found(asked))
    else:
        stands = Q(items__is_withdrawn=False)
        context["frameworks"] = Framework.objects.annotate(
            item_count=Count("items", filter=stands, distinct=True),
            control_count=Count("items__mappings__control", distinct=True),
        )
    return render(request, "portal/catalog/frameworks.html", context)


@login_required
@require_safe
def framework(request: PersonRequest, slug: str) -> HttpResponse:
    """What it is made of: its first level, and all below the one that was chosen."""
    found = get_object_or_404(Framework, slug=slug)
    items = found.items.filter(is_withdrawn=False)
    roots = list(items.filter(parent=None))
    chosen = next((root for root in roots if root.code == request.GET.get("part")), roots[0] if roots else None)
    is_deep = items.exclude(parent=None).exists()
    context = {
        "framework": found,
        "tabs": _tabs(roots, chosen) if is_deep else [],
        "chosen": chosen if is_deep else None,
        "rows": _outline(items, chosen) if is_deep and chosen else [(root, 0) for root in _with_controls(items)],
        "item_count": items.count(),
        "withdrawn_count": found.items.filter(is_withdrawn=True).count(),
    }
    return render(request, "portal/catalog/framework.html", context)


@login_required
@require_safe
def framework_item(request: PersonRequest, slug: str, code: str) -> HttpResponse:
    """Its text, the controls that answer to it, and the exceptions to those that this person may see."""
    rows = FrameworkItem.objects.select_related("framework", "parent__parent__parent")
    item = get_object_or_404(rows, framework__slug=slug, code=code)
    at = clock.now()
    controls = Control.objects.visible_to(request.user).filter(mappings__item=item).select_related("owner")
    context = {
        "item": item,
        "parents": _above(item),
        "children": item.children.filter(is_withdrawn=item.is_withdrawn),
        "aliases": [alias.alias for alias in item.aliases.all()],
        "instead": FrameworkItem.objects.called(item.code).filter(is_withdrawn=False).exclude(pk=item.pk)
        if item.is_withdrawn
        else [],
        "controls": controls,
        "listed": queries.cases_answering(request.user, at, item),
        "at": at,
    }
    return render(request, "portal/catalog/framework_item.html", context)


def _tabs(roots: list[FrameworkItem], chosen: FrameworkItem | None) -> list[dict[str, Any]]:
    return [
        {"label": root.code, "href": f"?{urlencode({'part': root.code})}", "current": root == chosen, "count": None}
        for root in roots
    ]


def _found(asked: dict[str, Any]) -> QuerySet[FrameworkItem]:
    items = FrameworkItem.objects.select_related("framework").search(asked.get("q", ""))
    if "framework" in asked:
        items = items.filter(framework=asked["framework"])
    return items if "withdrawn" in asked else items.filter(is_withdrawn=False)


def _with_controls(items: QuerySet[FrameworkItem]) -> QuerySet[FrameworkItem]:
    return items.annotate(control_count=Count("mappings"))


def _outline(items: QuerySet[FrameworkItem], root: FrameworkItem) -> list[tuple[FrameworkItem, int]]:
    """All below the root in order, each with how far it is indented."""
    below = dict[int | None, list[FrameworkItem]]()
    for item in _with_controls(items):
        below.setdefault(item.parent_id, []).append(item)
    rows, waiting = list[tuple[FrameworkItem, int]](), [(item, 0) for item in reversed(below.get(root.pk, []))]
    while waiting:
        item, depth = waiting.pop()
        rows.append((item, depth))
        waiting += [(child, depth + 1) for child in reversed(below.get(item.pk, []))]
    return rows


def _above(item: FrameworkItem) -> list[FrameworkItem]:
    """What it is part of, the widest first; the walk ends where rows made by hand go in a circle."""
    found = list[FrameworkItem]()
    parent = item.parent
    while parent is not None and parent != item and parent not in found:
        found.insert(0, parent)
        parent = parent.parent
    return found


urlpatterns = [
    path("catalog/frameworks/", frameworks, name="frameworks"),
    path("catalog/frameworks/<slug:slug>/", framework, name="framework"),
    path("catalog/frameworks/<slug:slug>/items/<path:code>/", framework_item, name="framework_item"),
]
