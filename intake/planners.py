"""Kinds of entry that are known by a code: controls, and the items of frameworks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.errors import NotPossible
from catalog.codes import key_of
from catalog.models import Control, Framework, FrameworkItem
from catalog.services.bulk import Planned
from catalog.services.controls import planned_control
from catalog.services.entries import SLUG_LENGTH
from catalog.services.frameworks import closes_a_circle
from catalog.services.items import planned_item
from intake.kinds import Kind
from intake.planning import Planner


class ControlPlanner(Planner):
    """A control is known by its code; what limits exceptions to it waits for a second person."""

    nameless: ClassVar[Promise] = gettext_lazy("The line names no control: give it a code.")

    def _key(self, values: Mapping[str, Any], known: Mapping[str, list[str]]) -> str:
        return str(values.get("code", "")).upper()

    def _known_by_name(self, read: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
        return {}

    def _planned(self, row: Any, key: str, values: Mapping[str, Any]) -> tuple[Planned[Any], Mapping[str, Any]]:
        values = {name: value for name, value in values.items() if name != "code"}
        return planned_control(row or Control(code=key), values, self.actor)


class ItemPlanner(Planner):
    """An item is known by its framework and its code, however it is written: "a-5.1" is A.5.1."""

    nameless: ClassVar[Promise] = gettext_lazy(
        "The line names no item: give the framework’s name, in Latin letters, and the item’s code."
    )

    @cached_property
    def _frameworks(self) -> dict[str, Framework]:
        """Frameworks by handle and by name, with those this table brings."""
        every = list(Framework.objects.all())
        return {one.name.casefold(): one for one in every} | {one.slug: one for one in every}

    @cached_property
    def _codes(self) -> dict[tuple[str, str], str]:
        """The codes of items that stand in the catalog or on an earlier line, by handle and comparable code."""
        found = FrameworkItem.objects.values_list("framework__slug", "key", "code")
        return {(slug, key): code for slug, key, code in found.iterator()}

    @cached_property
    def _parents(self) -> dict[tuple[str, str], tuple[str, str] | None]:
        """What each item is part of, in the catalog and by the lines before: handle and code of both."""
        found = FrameworkItem.objects.exclude(parent=None).values_list("framework__slug", "code", "parent__code")
        return {(slug, code): (slug, parent) for slug, code, parent in found.iterator()}

    def _known_by_name(self, read: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
        return {}

    def _key(self, values: Mapping[str, Any], known: Mapping[str, list[str]]) -> str:
        framework, code = self._framework(str(values.get("framework", ""))), str(values.get("code", ""))
        key = key_of(code)
        if framework is None or not key:
            return ""
        return f"{framework.slug}:{self._codes.setdefault((framework.slug, key), code)}"

    def _framework(self, name: str) -> Framework | None:
        """The framework that goes by the name, else a new one; None where the name makes no handle."""
        if found := self._frameworks.get(name.casefold()):
            return found
        slug = slugify(name)[:SLUG_LENGTH].strip("-")
        if not slug:
            return None
        found = self._frameworks.setdefault(slug, Framework(slug=slug, name=name[:200]))
        self._frameworks[name.casefold()] = found
        return found

    def _present(self, keys: Sequence[str]) -> dict[str, Any]:
        slugs, codes = zip(*(key.partition(":")[::2] for key in keys), strict=True) if keys else ((), ())
        rows = self.kind.rows().filter(framework__slug__in=set(slugs), code__in=codes)
        return {row.reference: row for row in rows}

    def _planned(self, row: Any, key: str, values: Mapping[str, Any]) -> tuple[Planned[Any], Mapping[str, Any]]:
        slug, _colon, code = key.partition(":")
        said = {name: value for name, value in values.items() if name not in {"framework", "code"}}
        if said.get("parent"):
            said["parent"] = self._above(slug, code, str(said["parent"]))
        planned = planned_item(row or FrameworkItem(framework=self._frameworks[slug], code=code), said)
        if "parent" in said:
            self._parents[slug, code] = (slug, said["parent"]) if said["parent"] else None
        return planned, {}

    def _above(self, slug: str, code: str, parent: str) -> str:
        """The code of the item it is part of, as it stands. Raises NotPossible where no item before it has it."""
        found = self._codes.get((slug, key_of(parent)))
        if found is None or found == code:
            message = _("No item of the framework before this line has the code %(code)s.") % {"code": parent}
            raise NotPossible(message, fields={"parent": [message]})
        if closes_a_circle((slug, code), (slug, found), self._parents):
            message = _("%(parent)s is part of %(code)s, so %(code)s cannot be part of it.")
            said = message % {"parent": found, "code": code}
            raise NotPossible(said, fields={"parent": [said]})
        return found


PLANNERS: dict[type, type[Planner]] = {Control: ControlPlanner, FrameworkItem: ItemPlanner}


def planner_of(kind: Kind) -> type[Planner]:
    """What plans a table of this kind."""
    return PLANNERS.get(kind.model, Planner)
