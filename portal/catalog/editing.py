"""What the entries of the catalog have in common when a page creates or changes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.errors import NotAllowed, NotPossible, Stale
from accounts.models import ProposalState, User
from accounts.rules import may_run_catalog
from audit import clock
from catalog.models import Control, Identity, System, Vendor
from portal.catalog.entry_form import EntryForm
from portal.catalog.fields import Each
from portal.chronicle import shown
from portal.http import PersonRequest, number, put_on, refusals_answered

Entry = TypeVar("Entry", Control, Identity, System, Vendor)
Page = TypeVar("Page", bound=Callable[..., HttpResponseBase])
Find: TypeAlias = Callable[[PersonRequest, str], Any]
"""Gives the entry of that key, if it exists for this person; else Http404."""


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[Entry]):
    """One kind of entry. Its addresses are called `name`, `name_new`, `name_edit` and `plural`."""

    name: str
    plural: str
    key: str  # the field that stands in addresses
    many: Promise
    new: Promise
    add: Promise
    form: type[EntryForm]
    create: Callable[..., Entry]
    change: Callable[..., Entry]
    retire: Callable[..., Entry]
    reinstate: Callable[..., Entry]

    def saved(self, entry: Entry) -> str:
        """What is said after a change."""
        if isinstance(entry, Control) and entry.proposals.filter(state=ProposalState.WAITING).exists():
            return _("Saved. What limits exceptions changes when another programme manager accepts it.")
        return _("Saved.")

    def url(self, entry: Entry) -> str:
        return reverse(self.name, args=[getattr(entry, self.key)])

    def stream(self, entry: Entry) -> str:
        return f"catalog/{self.plural}/{getattr(entry, self.key)}"


@dataclass(frozen=True)
class Difference:
    label: str
    theirs: str
    yours: str


def doors(kind: Kind[Any], find: Find) -> list[URLPattern]:
    """The addresses where an entry is added, changed, taken out of use and put back; `find` knows it by its key."""

    @_written
    def added(request: PersonRequest) -> HttpResponseBase:
        return new(request, kind)

    @_written
    def changed(request: PersonRequest, **of: str) -> HttpResponseBase:
        return edit(request, kind, find(request, of[kind.key]))

    @_done
    def retired(request: PersonRequest, **of: str) -> HttpResponseBase:
        return retire(request, kind, find(request, of[kind.key]))

    @_done
    def reinstated(request: PersonRequest, **of: str) -> HttpResponseBase:
        return reinstate(request, kind, find(request, of[kind.key]))

    every = f"catalog/{kind.plural}/"
    one = f"{every}<slug:{kind.key}>/"
    return [
        path(f"{every}new/", added, name=f"{kind.name}_new"),
        path(f"{one}edit/", changed, name=f"{kind.name}_edit"),
        path(f"{one}retirement/", retired, name=f"{kind.name}_retirement"),
        path(f"{one}reinstatement/", reinstated, name=f"{kind.name}_reinstatement"),
    ]


def _written(page: Page) -> Page:
    """A form: shown, then posted."""
    return cast("Page", login_required(require_http_methods(["GET", "HEAD", "POST"])(refusals_answered(page))))


def _done(page: Page) -> Page:
    """An act without a form of its own."""
    return cast("Page", login_required(require_POST(refusals_answered(page))))


def new(request: PersonRequest, kind: Kind[Any]) -> HttpResponseBase:
    """An empty form; posted, it creates the entry."""
    demand_programme_manager(request.user)
    if request.method != "POST":
        return _render(request, kind, kind.form())
    form = kind.form(request.POST)
    if not form.is_valid():
        return _render(request, kind, form)
    try:
        entry = kind.create(actor=request.user, at=clock.now(), **form.details)
    except NotPossible as refusal:
        put_on(form, refusal)
        return _render(request, kind, form)
    messages.success(request, _("%(entry)s is in the catalog.") % {"entry": entry})
    return redirect(kind.url(entry))


def edit(request: PersonRequest, kind: Kind[Any], entry: Any) -> HttpResponseBase:
    """The form of an entry; posted upon an old version, it shows both."""
    demand_programme_manager(request.user)
    if request.method != "POST":
        return _render(request, kind, kind.form(instance=entry), entry)
    url, form = kind.url(entry), kind.form(request.POST, instance=entry)
    if not form.is_valid():
        return _render(request, kind, form, entry)
    try:
        kind.change(**_upon(request, kind, entry), **form.details)
    except Stale as refusal:
        return _both(request, kind, form, refusal.current)
    except NotPossible as refusal:
        put_on(form, refusal)
        return _render(request, kind, form, entry)
    messages.success(request, kind.saved(entry))
    return redirect(url)


def retire(request: PersonRequest, kind: Kind[Any], entry: Any) -> HttpResponseBase:
    """Take the entry out of use; what refers to it stays."""
    demand_programme_manager(request.user)
    kind.retire(**_upon(request, kind, entry))
    messages.success(request, _("%(entry)s is out of use.") % {"entry": entry})
    return redirect(kind.url(entry))


def reinstate(request: PersonRequest, kind: Kind[Any], entry: Any) -> HttpResponseBase:
    demand_programme_manager(request.user)
    kind.reinstate(**_upon(request, kind, entry))
    messages.success(request, _("%(entry)s is in use again.") % {"entry": entry})
    return redirect(kind.url(entry))


def demand_programme_manager(user: User) -> None:
    """Raises NotAllowed, as the services would, before a form is shown that could not be saved."""
    if not may_run_catalog(user):
        raise NotAllowed(_("Only programme managers change the catalog. Ask one of them."))


def _upon(request: PersonRequest, kind: Kind[Any], entry: Any) -> dict[str, Any]:
    """What a service needs to know besides the details; no version posted is none, so nothing is overwritten unseen."""
    version = number(request.POST.get("version", "")) or 0
    return {kind.name: entry, "version": version, "actor": request.user, "at": clock.now()}


def _both(request: PersonRequest, kind: Kind[Any], written: EntryForm, current: Any) -> HttpResponseBase:
    """Somebody saved first: show where they differ from what this writer changed, and that upon the present version."""
    differences = _differences(written, current)
    if not differences:
        return redirect(kind.url(current))
    form = kind.form(_merged(request.POST, written, kind.form(instance=current)), instance=current)
    last = current.history.select_related("history_user").latest("history_id")
    saved = {"who": last.history_user, "at": last.history_date}
    return _render(request, kind, form, current, status=409, differences=differences, last_save=saved)


def _merged(posted: QueryDict, written: EntryForm, stored: EntryForm) -> QueryDict:
    """What was posted, with what is stored now where the writer changed nothing."""
    data = posted.copy()
    for bound in stored:
        value = bound.value()
        kept = bound.name in written.touched
        for name in (bound.html_initial_name,) if kept else (bound.html_initial_name, bound.html_name):
            data.pop(name, None)
            if isinstance(bound.field, Each):
                bound.field.post(data, name, value, is_initial=name == bound.html_initial_name)
            elif value not in (None, False):
                data[name] = str(value)
    return data


def _differences(written: EntryForm, current: Any) -> list[Difference]:
    found = []
    for name in written.touched:
        value = written.cleaned_data[name]
        if name not in {column.name for column in current._meta.fields}:
            continue  # said about the change, not of the entry
        theirs, bound = written.shown_of(current, name), written[name]
        yours = value.strip() if isinstance(value, str) else value
        if theirs != yours:
            column = current._meta.get_field(name)
            found.append(Difference(str(bound.label), shown(column, theirs), shown(column, yours)))
    return found


def _render(
    request: PersonRequest, kind: Kind[Any], form: EntryForm, entry: Any = None, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "kind": kind,
        "form": form,
        "entry": type(entry)._default_manager.get(pk=entry.pk) if entry else None,
        "key": getattr(entry, kind.key) if entry else "",
        "back": kind.url(entry) if entry else reverse(kind.plural),
        "list_url": reverse(kind.plural),
        **more,
    }
    return render(request, "portal/catalog/form.html", context, status=status)
