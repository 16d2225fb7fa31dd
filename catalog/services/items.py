"""Framework items from a table: planned line by line, saved together. What the product ships keeps its own words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import recording
from accounts.errors import NotPossible, Stale
from accounts.models import User
from accounts.recording import Happening
from catalog.codes import LONGEST_CODE, LONGEST_KEY, key_of
from catalog.models import Framework, FrameworkItem, ItemAlias
from catalog.services import entries
from catalog.services.bulk import Planned
from catalog.services.frameworks import closes_a_circle, stream_of
from catalog.shipped import FRAMEWORKS

BATCH = 500
SHIPPED = frozenset(shipped.slug for shipped in FRAMEWORKS)
WORDS = ("title", "text", "level", "is_withdrawn")
FREE = frozenset({"text"})
"""What a table may say of an item that comes with the product: titles and codes are those of its edition."""


def planned_item(item: FrameworkItem, values: Mapping[str, Any]) -> Planned[FrameworkItem]:
    """The item with these values, unsaved. `parent` is a code, `aliases` a list of them.

    Raises NotPossible, its fields naming what is at fault.
    """
    wanted, is_new = copy(item), item.pk is None
    changes = recording.amend(wanted, recording.trimmed({name: values[name] for name in WORDS if name in values}))
    changes |= _beside(item, values)
    if item.framework.slug in SHIPPED:
        _demand_its_own_words(item, changes, is_new=is_new)
    if "aliases" in changes:
        _demand_names(changes["aliases"]["after"])
    wanted.key = key_of(wanted.code)
    if changes or is_new:
        recording.validate_alone(wanted, but="position")
    return Planned(wanted, 0 if is_new else 1, changes)


@transaction.atomic
def save_items(items: Sequence[Planned[FrameworkItem]], *, actor: User, at: datetime, file: str) -> None:
    """Save every item that is new or changes; frameworks that are not there yet come with them.

    Each framework's event counts them, and names the table by its SHA-256, `file`. Raises Stale where an item was
    changed meanwhile: then none is saved.
    """
    entries.demand_programme_manager(actor)
    frameworks = {one.row.framework.slug: one.row.framework for one in items}
    for slug, framework in sorted(frameworks.items()):
        theirs = [one for one in items if one.row.framework.slug == slug]
        _save(_there(framework), theirs)
        counts = {"added": sum(not one.upon for one in theirs), "changed": sum(bool(one.upon) for one in theirs)}
        happening = Happening(stream=stream_of(framework), kind="framework.imported", by=actor, at=at)
        recording.tell(happening, counts | {"file": file, "title": framework.name})


def _beside(item: FrameworkItem, values: Mapping[str, Any]) -> recording.Changes:
    """What is kept in rows beside the item: the one it is part of, and its other names."""
    before = _kept_beside(item)
    after = {name: values[name] for name in before if name in values}
    if "aliases" in after:
        after["aliases"] = sorted(after["aliases"])
    return {name: {"before": before[name], "after": told} for name, told in after.items() if told != before[name]}


def _kept_beside(item: FrameworkItem) -> dict[str, Any]:
    aliases = [] if item.pk is None else sorted(alias.alias for alias in item.aliases.all())
    return {"parent": item.parent.code if item.parent else "", "aliases": aliases}


def _demand_its_own_words(item: FrameworkItem, changes: recording.Changes, *, is_new: bool) -> None:
    if is_new:
        message = _("%(framework)s comes with the product and is complete: %(code)s is not of this edition.")
        words = {"framework": item.framework.name, "code": item.code}
        raise NotPossible(message % words, fields={"code": [message % words]})
    if strange := sorted(changes.keys() - FREE):
        message = _("%(framework)s comes with the product: a table adds texts to it and leaves the rest.")
        said = message % {"framework": item.framework.name}
        raise NotPossible(said, fields={strange[0]: [said]})


def _demand_names(aliases: Iterable[str]) -> None:
    """An alias that is compared by nothing, or is too long to be kept, finds no item."""
    for alias in aliases:
        if not (key := key_of(alias)) or len(key) > LONGEST_KEY or len(alias) > LONGEST_CODE:
            message = _("“%(alias)s” cannot be another name: up to 60 characters, one a Latin letter or digit.")
            said = message % {"alias": alias}
            raise NotPossible(said, fields={"aliases": [said]})


def _there(framework: Framework) -> Framework:
    """The framework as it stands, locked; a new one is made."""
    about = {"name": framework.name, "edition": framework.edition}
    found, _new = Framework.objects.get_or_create(slug=framework.slug, defaults=about)
    return Framework.objects.select_for_update().get(pk=found.pk)


def _save(framework: Framework, items: Sequence[Planned[FrameworkItem]]) -> None:
    known = {item.key: item for item in framework.items.select_related("parent").prefetch_related("aliases")}
    new = [one.row for one in items if not one.upon]
    old = [one.row for one in items if one.upon]
    for position, item in enumerate(new, start=len(known) + 1):
        item.framework, item.position = framework, position
    _demand_as_planned(items, known)
    above = {item.pk: item.parent_id for item in known.values()}
    FrameworkItem.objects.bulk_create(new, batch_size=BATCH)
    FrameworkItem.objects.bulk_update(old, WORDS, batch_size=BATCH)
    known |= {item.key: item for item in (*new, *old)}
    _place(items, known, above)
    _name(items)


def _demand_as_planned(items: Iterable[Planned[FrameworkItem]], known: Mapping[str, FrameworkItem]) -> None:
    """Raises Stale where what a change was planned upon is not what stands."""
    for one in items:
        current = known.get(one.row.key)
        is_there = current is not None and _before(one) == _standing(current)
        if is_there != bool(one.upon) or (current and not one.upon):
            raise Stale(_("%(entry)s was changed meanwhile.") % {"entry": one.row}, current=current or one.row)


def _before(one: Planned[FrameworkItem]) -> dict[str, Any]:
    """The item's words, parent and aliases that its change was planned upon."""
    return _standing(one.row) | {name: told["before"] for name, told in one.changes.items()}


def _standing(item: FrameworkItem) -> dict[str, Any]:
    return {name: getattr(item, name) for name in WORDS} | _kept_beside(item)


def _place(
    items: Iterable[Planned[FrameworkItem]], known: Mapping[str, FrameworkItem], above: dict[int, int | None]
) -> None:
    """`above` is what each item is part of. Raises Stale where one would come to be part of itself."""
    placed = []
    for one in items:
        if "parent" in one.changes:
            parent = known.get(key_of(one.changes["parent"]["after"]))
            if parent is not None and closes_a_circle(one.row.pk, parent.pk, above):
                raise Stale(_("%(entry)s was changed meanwhile.") % {"entry": parent}, current=parent)
            one.row.parent = parent
            above[one.row.pk] = parent.pk if parent is not None else None
            placed.append(one.row)
    FrameworkItem.objects.bulk_update(placed, ["parent"], batch_size=BATCH)


def _name(items: Iterable[Planned[FrameworkItem]]) -> None:
    renamed = [one for one in items if "aliases" in one.changes]
    ItemAlias.objects.filter(item__in=[one.row for one in renamed]).delete()
    ItemAlias.objects.bulk_create(
        [
            ItemAlias(item=one.row, alias=alias, key=key_of(alias))
            for one in renamed
            for alias in one.changes["aliases"]["after"]
        ],
        batch_size=BATCH,
    )
