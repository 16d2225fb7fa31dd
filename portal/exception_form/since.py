"""What a renewal answers: what has changed, what was done to end it, why it is still needed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from exceptions_app.models import SINCE
from portal.exception_form.fields import LongText


class SinceFields(forms.Form):
    """Asked of whatever follows an exception for the same control and identity, renewals above all."""

    what_changed = LongText(
        label=_("What has changed since the last time"),
        rows=2,
        help_text=_("In its use, its risk, or around it. If nothing has, say so."),
    )
    exit_progress = LongText(
        label=_("What was done to end it"),
        rows=2,
        help_text=_("Of what was planned: what is done, what is not, and why."),
    )
    why_still = LongText(
        label=_("Why it is still needed"),
        rows=2,
        help_text=_("What would fail now if it ended on its day."),
    )

    @property
    def since(self) -> list[Any]:
        """Its fields, in order."""
        return [self[name] for name in SINCE]

    @property
    def says_since(self) -> bool:
        """Whether any of it is answered, or refused."""
        return any(bound.value() or bound.errors for bound in self.since)
