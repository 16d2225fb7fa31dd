"""Choosing a row by typing part of its name: works with the browser's own list, and without any."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Control, Identity, System
from exceptions_app.queries import form as queries

Row = TypeVar("Row", bound=Model)
BETWEEN = " · "


@dataclass(frozen=True)
class Offer(Generic[Row]):
    """Rows to choose from. `label` is what stands in the field and holds the row's unique `key` between dots."""

    name: str
    rows: Sequence[Row]
    label: Callable[[Row], str]
    key: Callable[[Row], str]
    search: Callable[[str], Sequence[Row]]

    @property
    def list_id(self) -> str:
        return f"offered-{self.name}"

    @property
    def labels(self) -> list[str]:
        return [self.label(row) for row in self.rows]

    def find(self, text: str) -> Row:
        """The row the text names: by label or key, else the only one that contains it. Raises ValidationError."""
        pieces = {piece.strip().casefold() for piece in text.split(BETWEEN.strip())} | {text.casefold()}
        for row in self.rows:
            if self.key(row).casefold() in pieces:
                return row
        return self._only(text, self._containing(text) or self._searched(text))

    def _containing(self, text: str) -> list[Row]:
        return [row for row in self.rows if text.casefold() in self.label(row).casefold()]

    def _searched(self, text: str) -> list[Row]:
        for piece in [text, *text.split(BETWEEN)]:
            found = list(self.search(piece.strip()))
            if found:
                return found
        return []

    def _only(self, text: str, found: Sequence[Row]) -> Row:
        if len(found) == 1:
            return found[0]
        if not found:
            raise ValidationError(_("Nothing is called “%(text)s”. Pick one from the list."), params={"text": text})
        some = ", ".join(self.label(row) for row in found[:3])
        raise ValidationError(_("“%(text)s” fits several: %(some)s. Pick one."), params={"text": text, "some": some})


class Named(forms.Field):
    """A text field that holds the label of a row. Its form hands it the offer."""

    offer: Offer[Any]
    widget = forms.TextInput

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"autocomplete": "off", "spellcheck": "false"}

    def to_python(self, value: Any) -> Any:
        if isinstance(value, Model):
            return value
        text = str(value or "").strip()
        return self.offer.find(text) if text else None

    def prepare_value(self, value: Any) -> Any:
        return self.offer.label(value) if isinstance(value, Model) else value


def take(form: forms.BaseForm, name: str, offer: Offer[Any]) -> None:
    """Hand the form's field its offer."""
    field = cast("Named", form.fields[name])
    field.offer = offer
    field.widget.attrs["list"] = offer.list_id


@dataclass(frozen=True)
class Offers:
    """Every offer of the exception form."""

    control: Offer[Control]
    identity: Offer[Identity]
    system: Offer[System]
    person: Offer[User]

    @property
    def all(self) -> list[Offer[Any]]:
        return [self.control, self.identity, self.system, self.person]


def offers() -> Offers:
    """The rows in use, read once for a request."""
    rows = queries.offered()
    return Offers(
        control=Offer("controls", rows.controls, _control, lambda row: row.code, queries.controls_like),
        identity=Offer("identities", rows.identities, _identity, lambda row: row.slug, queries.identities_like),
        system=Offer("systems", rows.systems, _system, lambda row: row.name, queries.systems_like),
        person=Offer("people", rows.people, _person, lambda row: row.email, queries.people_like),
    )


def _control(row: Control) -> str:
    return BETWEEN.join([row.code, row.title])


def _identity(row: Identity) -> str:
    owner = str(row.owner) if row.owner else _("no owner")
    return BETWEEN.join([row.slug, row.name, row.get_environment_display(), owner])


def _system(row: System) -> str:
    return BETWEEN.join([row.name, row.get_environment_display()])


def _person(row: User) -> str:
    return BETWEEN.join([row.name, row.email]) if row.name else row.email
