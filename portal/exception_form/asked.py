"""What is said once something is asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exceptions_app.models import ExceptionCase
from exceptions_app.queries import form as queries
from portal import words


def waits(case: ExceptionCase, at: datetime) -> str:
    """That it is asked now, of whom, and what else has to happen before it starts."""
    people, needed = queries.asked_now(case, at)
    said: dict[str, Any] = {"reference": case.reference, "people": words.named(people)}
    named = _("%(reference)s now waits for its approvers: %(people)s.")
    found = [named if people else _("%(reference)s now waits for its approvers.")]
    if len(people) > needed:
        found.append(ngettext("One of them decides.", "%(needed)d of them decide.", needed))
        said["needed"] = needed
    kinds = [safeguard.get_kind_display() for safeguard in case.safeguards.filter(required=True)]
    if kinds:
        found.append(_("Somebody who does not gain verifies before the start: %(kinds)s."))
        said["kinds"] = words.joined(list(dict.fromkeys(kinds)))
    return " ".join(found) % said
