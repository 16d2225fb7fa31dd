"""Frameworks: those that come with the product, and those read from OSCAL files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from django.db import transaction
from django.utils.text import slugify

from accounts import recording
from accounts.models import User
from accounts.recording import Happening
from catalog.codes import key_of
from catalog.models import Framework, FrameworkItem, ItemAlias
from catalog.oscal import Catalog
from catalog.services import entries
from catalog.shipped import FRAMEWORKS, Entry

BATCH = 500
SLUG_LENGTH = 60
Of = TypeVar("Of")
ABOUT = ("name", "edition", "publisher", "source", "licence", "is_closed")


@dataclass(frozen=True)
class Outcome:
    """What a file did to a framework: the codes that are new, that changed, and that are not of its edition."""

    framework: Framework
    added: tuple[str, ...]
    changed: tuple[str, ...]
    withdrawn: tuple[str, ...]

    @property
    def is_nothing(self) -> bool:
        return not (self.added or self.changed)


@transaction.atomic
def load_frameworks(*, actor: User | None, at: datetime) -> list[Outcome]:
    """Bring the frameworks of the product up to date; those that already are stay as they stand."""
    entries.demand_programme_manager(actor)
    outcomes = []
    for shipped in FRAMEWORKS:
        framework, _new = Framework.objects.update_or_create(
            slug=shipped.slug, defaults={name: getattr(shipped, name) for name in ABOUT}
        )
        outcome = _merge(framework, list(shipped.entries()), is_own=True)
        outcomes.append(outcome)
        happening = Happening(stream=stream_of(framework), kind="framework.loaded", by=actor, at=at)
        _tell(happening, outcome, file=shipped.digest)
    return [outcome for outcome in outcomes if not outcome.is_nothing]


@transaction.atomic
def import_catalog(
    *, catalog: Catalog, file_digest: str, framework: Framework | None = None, actor: User | None, at: datetime
) -> Outcome:
    """Read a catalog into the framework, or into the one of its title. `file_digest` is the file's SHA-256.

    Nothing is removed: a control may answer to it. What a complete edition does not have is kept as withdrawn.
    """
    entries.demand_programme_manager(actor)
    target = framework or _named(catalog)
    outcome = _merge(target, catalog.entries, is_own=False)
    happening = Happening(stream=stream_of(target), kind="framework.imported", by=actor, at=at)
    _tell(happening, outcome, file=file_digest, title=catalog.title)
    return outcome


def _slug_of(catalog: Catalog) -> str:
    """The handle of the framework a catalog's title speaks of."""
    title = catalog.title.lower()
    if "cybersecurity framework" in title and "2.0" in title:
        return "nist-csf-2-0"
    if "800-53" in title and ("revision 5" in title or "rev. 5" in title or "rev 5" in title):
        return "nist-sp-800-53-r5"
    return slugify(catalog.title)[:SLUG_LENGTH].strip("-") or "framework"


def _named(catalog: Catalog) -> Framework:
    about = {"name": catalog.title[:200], "edition": catalog.edition[:60]}
    return Framework.objects.get_or_create(slug=_slug_of(catalog), defaults=about)[0]


def _merge(framework: Framework, found: Sequence[Entry], *, is_own: bool) -> Outcome:
    """Add what is new and change what differs; a file of somebody else's fills in texts and leaves our titles."""
    Framework.objects.select_for_update().get(pk=framework.pk)
    known = {item.key: item for item in framework.items.all()}
    was_empty = not known
    added, changed = [], []
    for entry in found:
        key = key_of(entry.code)
        item = known.get(key)
        if item is None:
            stands = is_own or was_empty or not framework.is_closed
            item = _item(framework, entry, position=len(known) + 1, is_withdrawn=entry.is_withdrawn or not stands)
            known[key] = item
            added.append(item)
        elif _differs(item, _facts(item, entry, is_own=is_own)):
            changed.append(item)
    FrameworkItem.objects.bulk_create(added, batch_size=BATCH)
    _set_parents(found, known, {item.pk for item in added})
    FrameworkItem.objects.bulk_update(changed, ["title", "text", "level", "is_withdrawn"], batch_size=BATCH)
    _add_aliases(found, known)
    return Outcome(framework, _codes(added), _codes(changed), _codes(item for item in added if item.is_withdrawn))


def _item(framework: Framework, entry: Entry, *, position: int, is_withdrawn: bool) -> FrameworkItem:
    return FrameworkItem(
        framework=framework,
        code=entry.code,
        key=key_of(entry.code),
        level=entry.level[:40],
        title=_title(entry),
        text="" if _title(entry) == entry.text else entry.text,
        is_withdrawn=is_withdrawn,
        position=position,
    )


def _title(entry: Entry) -> str:
    """Some catalogs have no title but the code again: then the text is the title."""
    return entry.text if entry.title == entry.code and entry.text else entry.title


def _facts(item: FrameworkItem, entry: Entry, *, is_own: bool) -> dict[str, Any]:
    """What the entry says of an item that is there already."""
    if is_own:
        return {"title": entry.title, "level": entry.level, "is_withdrawn": entry.is_withdrawn}
    text = "" if " ".join(entry.text.split()) == item.title else entry.text
    return {"text": text} if text else {}


def _differs(item: FrameworkItem, facts: Mapping[str, Any]) -> bool:
    differing = {name: value for name, value in facts.items() if getattr(item, name) != value}
    for name, value in differing.items():
        setattr(item, name, value)
    return bool(differing)


def _set_parents(found: Iterable[Entry], known: Mapping[str, FrameworkItem], new: Collection[int]) -> None:
    """What a file would make part of itself keeps the place it had before."""
    placed, above = [], {item.pk: item.parent_id for item in known.values()}
    for entry in found:
        item, parent = known[key_of(entry.code)], known.get(key_of(entry.parent))
        if item.pk in new and parent is not None and not closes_a_circle(item.pk, parent.pk, above):
            item.parent = parent
            above[item.pk] = parent.pk
            placed.append(item)
    FrameworkItem.objects.bulk_update(placed, ["parent"], batch_size=BATCH)


def _add_aliases(found: Iterable[Entry], known: Mapping[str, FrameworkItem]) -> None:
    aliases = [
        ItemAlias(item=known[key_of(entry.code)], alias=alias, key=key_of(alias))
        for entry in found
        for alias in entry.aliases
    ]
    ItemAlias.objects.bulk_create(aliases, batch_size=BATCH, ignore_conflicts=True)


def _codes(items: Iterable[FrameworkItem]) -> tuple[str, ...]:
    return tuple(item.code for item in items)


def closes_a_circle(item: Of, parent: Of, above: Mapping[Of, Of | None]) -> bool:
    """Whether the item would be part of itself, if it were part of `parent`; `above` is what each is part of."""
    passed, step = set[Of](), cast(Of | None, parent)
    while step is not None and step not in passed:
        if step == item:
            return True
        passed.add(step)
        step = above.get(step)
    return False


def stream_of(framework: Framework) -> str:
    """Where the ledger tells of a framework."""
    return f"catalog/frameworks/{framework.slug}"


def _tell(happening: Happening, outcome: Outcome, **more: str) -> None:
    """Files hold thousands of items, so the event counts them; the file's digest says which they are."""
    if not outcome.is_nothing:
        counts = {"added": len(outcome.added), "changed": len(outcome.changed)}
        recording.tell(happening, counts | more)
