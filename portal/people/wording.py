"""What a person may do, in words."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounts.models import ApproverGroup, User


def roles(person: User) -> list[str]:
    """The names of a person's roles; everyone may request, so that is none."""
    held = (
        (person.is_programme_manager, _("Programme manager")),
        (person.is_auditor, _("Auditor")),
        (person.is_superuser, _("Superuser")),
        (person.is_staff and not person.is_superuser, _("Opens the administration pages")),
    )
    return [name for holds, name in held if holds]


def powers(person: User, groups: Sequence[ApproverGroup]) -> list[str]:
    """What this person may do, a sentence each, said to them."""
    found = [] if person.is_auditor else [_("You may ask for exceptions, own them and stand in as backup owner.")]
    for group in () if person.is_auditor else groups:
        found.append(_("You decide for %(group)s, never on an exception you gain from.") % {"group": group})
        if group.is_fallback:
            found.append(_("It is the fallback: you also decide where another group has nobody who may."))
    if person.is_auditor:
        found.append(_("You read every exception and the whole history, and change nothing."))
    if person.is_programme_manager:
        found.append(_("You run the catalog, people and groups, and decide on nothing by virtue of it."))
    if person.is_superuser:
        found.append(_("You may give access to the administration pages, which show and never change."))
    return found
