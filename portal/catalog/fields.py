"""Fields for columns that are lists and mappings: codes, lines, a text or a choice for each of several things."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from catalog.models import FrameworkItem
from portal.inputs import Words

ALL = "all"
"""Stands for the key "" in names of parts."""


class Codes(forms.CharField):
    """Framework items by their codes, as text; read, their references. A code keeps meaning what is in `kept`."""

    kept: Collection[str] = ()

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(reference.partition(":")[2] for reference in value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        written = (code.strip() for code in str(value or "").replace("\n", ",").replace(";", ",").split(","))
        codes = [code for code in dict.fromkeys(written) if code]
        items = FrameworkItem.objects.select_related("framework").prefetch_related("aliases")
        found = {item for item in items.called(*codes) if not item.is_withdrawn} | {*items.referred(codes)}
        return [_reference(code, found, self.kept) for code in codes]


class Several(forms.CharField):
    """A list of texts, written with something between them; read, each once, without the space around it."""

    def __init__(self, *, between: str = "\n", small: bool = False, **options: Any) -> None:
        super().__init__(required=False, **options)
        self.between, self.small = between, small

    def prepare_value(self, value: Any) -> Any:
        return f"{self.between} ".join(value).replace("\n ", "\n") if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        text = str(value or "").lower() if self.small else str(value or "")
        written = (one.strip() for line in text.splitlines() for one in self._parts(line))
        return [one for one in dict.fromkeys(written) if one]

    def _parts(self, line: str) -> list[str]:
        return [line] if self.between == "\n" else line.split(self.between)


class Each(forms.Field):
    """Something for each of several things; read, a mapping of those for which there is something."""

    def __init__(self, things: Mapping[str, Any], part: forms.Widget, *, numbers: bool = False, **options: Any) -> None:
        super().__init__(required=False, widget=EachWidget(things, part), **options)
        self.hidden_widget = Kept
        self.numbers = numbers

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = json.loads(value or "{}")
        found = {key: str("" if one is None else one).strip() for key, one in (value or {}).items()}
        return {key: int(one) if self.numbers else one for key, one in found.items() if one}

    def post(self, data: QueryDict, name: str, value: Any, *, is_initial: bool) -> None:
        """Put this value where a browser would send it under this name."""
        found = self.to_python(value)
        if is_initial:
            data[name] = json.dumps(found)
            return
        for key in self.widget.things:
            data[f"{name}_{key or ALL}"] = str(found.get(key, ""))

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except ValueError as error:
            raise forms.ValidationError(_("Choose one of the values offered.")) from error


class Kept(forms.HiddenInput):
    """What the page showed at first."""

    def format_value(self, value: Any) -> str:
        return value if isinstance(value, str) else json.dumps(value or {})


class EachWidget(forms.MultiWidget):
    """One widget for each thing, with its name beside it."""

    template_name = "portal/catalog/each.html"
    use_fieldset = True

    def __init__(self, things: Mapping[str, Any], part: forms.Widget) -> None:
        self.things = dict(things)
        super().__init__({key or ALL: part for key in things})

    def decompress(self, value: Any) -> list[Any]:
        held = json.loads(value) if isinstance(value, str) else value or {}
        return [held.get(key, "") for key in self.things]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return dict(zip(self.things, super().value_from_datadict(data, files, name), strict=True))

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, self.decompress(value), attrs)
        for label, part in zip(self.things.values(), context["widget"]["subwidgets"], strict=True):
            part["label"] = capfirst(label)
        return context


def texts(label: Any, things: Mapping[str, Any], help_text: Any) -> Each:
    """A text for each of these."""
    return Each(things, Words(rows=2), label=label, help_text=help_text)


def choices(label: Any, things: Mapping[str, Any], offered: Sequence[tuple[Any, Any]], help_text: Any) -> Each:
    """One of the numbers offered for each of these, or nothing."""
    return Each(things, forms.Select(choices=offered), numbers=True, label=label, help_text=help_text)


def _reference(code: str, items: Collection[FrameworkItem], kept: Collection[str]) -> str:
    """The one of the items that goes by a code or reference. Raises ValidationError where none does, or several."""
    found = [item for item in items if item.reference == code] or [item for item in items if item.goes_by(code)]
    exact = [item for item in found if item.code.upper() == code.upper()]
    before = [item for item in exact if item.reference in kept]
    nearest = before or exact or found
    if len(nearest) == 1:
        return nearest[0].reference
    if not found:
        raise forms.ValidationError(_("No framework has an item called %(code)s."), params={"code": code})
    names = ", ".join(sorted(item.reference for item in nearest))
    raise forms.ValidationError(
        _("%(code)s may mean several items: %(names)s. Write the one you mean."), params={"code": code, "names": names}
    )
