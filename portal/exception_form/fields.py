"""What people type, read with patience: words, networks, days, zones. What cannot be read says how to write it."""

from __future__ import annotations

import ipaddress
import re
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _

from accounts.zones import is_zone
from portal.inputs import Day, Instant, Words

FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_WORDS, LONGEST_WORD = 50, 100
_GAPS = re.compile(r"[\s,;]+")


class Text(forms.CharField):
    """Text with a limit the server checks: a browser that cuts off what is pasted would lose it unseen."""

    def __init__(self, *, max_length: int, **options: Any) -> None:
        super().__init__(**{"required": False, **options})
        self.validators.append(
            MaxLengthValidator(max_length, _("At most %(limit_value)d characters; this has %(show_value)d."))
        )


class LongText(Text):
    def __init__(self, *, rows: int = 3, **options: Any) -> None:
        super().__init__(**{"max_length": 10_000, "widget": Words(rows=rows), **options})


class WordList(forms.CharField):
    """Words between commas or spaces, each once."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"required": False, **options})

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list | tuple):
            return list(value)
        return list(dict.fromkeys(word for word in _GAPS.split(value or "") if word))

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list | tuple) else value

    def run_validators(self, value: Any) -> None:
        if len(value) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in value):
            raise ValidationError(_("At most %(n)d words of %(m)d characters.") % {"n": MOST_WORDS, "m": LONGEST_WORD})
        for word in value:
            super().run_validators(word)


class Networks(WordList):
    """Networks in CIDR notation; a bare address is a network of one."""

    def clean(self, value: Any) -> Any:
        return list(dict.fromkeys(_network(word) for word in super().clean(value)))


class PlainDay(forms.DateField):
    widget = Day

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        _demand_plausible(day)
        return day


class PlainInstant(forms.DateTimeField):
    """An instant in the person's time zone, which the view has activated."""

    widget = Instant

    def clean(self, value: Any) -> datetime | None:
        instant: datetime | None = super().clean(value)
        _demand_plausible(instant)
        return instant


class Zone(forms.CharField):
    def clean(self, value: Any) -> str:
        name = str(super().clean(value)).strip()
        if name and not is_zone(name):
            raise ValidationError(
                _("%(name)s is not a time zone. Write one such as Europe/Stockholm or UTC."), params={"name": name}
            )
        return name


def _network(word: str) -> str:
    try:
        return str(ipaddress.ip_network(word))
    except ValueError:
        pass
    try:
        meant = ipaddress.ip_network(word, strict=False)
    except ValueError:
        raise ValidationError(
            _("“%(word)s” is not a network. Write an address or a CIDR block such as 10.4.0.0/16."),
            params={"word": word},
        ) from None
    raise ValidationError(
        _("“%(word)s” points inside a network. Write %(meant)s for the whole of it."),
        params={"word": word, "meant": str(meant)},
    )


def _demand_plausible(day: date | None) -> None:
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(_("Give a year between %(a)d and %(b)d.") % {"a": FIRST_YEAR, "b": LAST_YEAR})
