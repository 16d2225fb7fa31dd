"""A person, chosen by typing part of a name or an e-mail."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms

from accounts.models import User
from exceptions_app.queries.form import OFFERED, people_like
from portal.exception_form.choosing import BETWEEN, Named, Offer, take

ZONES = ("UTC", "Europe/London", "Europe/Stockholm", "America/New_York", "America/Los_Angeles", "Asia/Tokyo")


def offer(*kept: User | None, absent: Collection[User] = ()) -> Offer[User]:
    """Active people, at most OFFERED; also those kept, who may have left; without the absent, found if typed."""
    found = [person for person in User.objects.active().order_by("name", "email")[:OFFERED] if person not in absent]
    rows = dict.fromkeys([*found, *(person for person in kept if person is not None)])
    return Offer("people", list(rows), _label, lambda person: person.email, people_like)


def take_people(form: forms.BaseForm, offered: Offer[User]) -> None:
    """Hand every field of the form that names a person the offer."""
    for name, field in form.fields.items():
        if isinstance(field, Named):
            take(form, name, offered)


def named(label: Any, help_text: Any = "", *, required: bool = False) -> Named:
    """A field that names a person."""
    return Named(label=label, help_text=help_text, required=required)


def _label(person: User) -> str:
    return BETWEEN.join([person.name, person.email]) if person.name else person.email
