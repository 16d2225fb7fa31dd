"""What the forms of the catalog's entries have in common: sections, a version, and people by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from catalog.services.entries import handle
from portal.exception_form.choosing import Named
from portal.people.choosing import offer, take_people


@dataclass(frozen=True)
class Part:
    """A section of a form as its page shows it."""

    title: Promise
    hint: Promise | str
    fields: tuple[str, ...]
    look: str = ""


@dataclass(frozen=True)
class Section:
    """A part with its fields, each with its look."""

    part: Part
    fields: list[tuple[BoundField, str]]


class EntryForm(forms.ModelForm[Any]):
    """An entry's details, the version they were written upon, and people by name."""

    parts: ClassVar[tuple[Part, ...]] = ()
    settled: ClassVar[str] = "slug"  # named once, when the entry is created
    looks: ClassVar[Mapping[str, str]] = {"slug": "code", "review_on": "short", "last_rotated_on": "short"}

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            del self.fields[self.settled]
            self.initial["version"] = self.instance.version
        people = {name: self.shown_of(self.instance, name) for name in _naming_people(self)}
        self.initial.update(people)
        self.offered = offer(*people.values())
        take_people(self, self.offered)
        if "slug" in self.fields:
            self.fields["slug"].required = False
        for name, field in self.fields.items():
            field.show_hidden_initial = bool(self.instance.pk) and name != "version"
            if isinstance(field, forms.ModelChoiceField):
                field.empty_label = _("Choose one") if field.required else _("None")
            elif isinstance(field, forms.TypedChoiceField):
                field.choices = _capitals(field.choices)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        is_asked = "slug" in self.fields and found.get("name") and "slug" not in self.errors
        if is_asked and not (found.get("slug") or handle(found["name"])):
            self.add_error("slug", _("Write a handle: the name has no Latin letters or digits to make one from."))
        return found

    @property
    def sections(self) -> Iterator[Section]:
        for part in self.parts:
            yield Section(part, [(self[name], self.looks.get(name, "")) for name in part.fields if name in self.fields])

    @staticmethod
    def shown_of(entry: Any, name: str) -> Any:
        """What the form shows of an entry for this field."""
        return getattr(entry, name)

    @property
    def touched(self) -> list[str]:
        """The fields that differ from what the page showed at first."""
        return [name for name in self.changed_data if name != "version"]

    @property
    def details(self) -> dict[str, Any]:
        """What was read, as the services take it; call after `is_valid`."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


def _naming_people(form: forms.BaseForm) -> Iterator[str]:
    return (name for name, field in form.fields.items() if isinstance(field, Named))


def _capitals(choices: Any) -> list[tuple[Any, Any]]:
    return [(value, capfirst(label) if value else _("Choose one")) for value, label in choices]
