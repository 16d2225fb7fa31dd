"""Widgets the browser already knows: a day, an instant, words that grow."""

from django import forms


class Day(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class Instant(forms.DateTimeInput):
    """An instant to the minute, in the person's time zone."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")


class Words(forms.Textarea):
    """Text that grows with what is written."""

    def __init__(self, attrs: dict[str, str] | None = None, rows: int = 3) -> None:
        super().__init__({"rows": str(rows), **(attrs or {})})
