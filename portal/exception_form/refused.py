"""What a pasted refusal says, written into the form: identity, actions, resource, system, a title."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db.models import Q
from django.http import QueryDict
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from catalog.models import CredentialForm, Identity, System
from intake import refusals, secrets_in
from intake.refusals import Refusal
from portal.exception_form.choosing import Offers
from portal.exception_form.forms import LONGEST_TITLE
from portal.exception_form.writing import free_row, put

FIELD = "refusal"
MOST_SAID = 1500
SHORTEST = 3
"""Letters of a word of a path that may be what a system is called."""


def take_over(data: QueryDict, offers: Offers) -> str:
    """Write what the pasted message says; the message itself, without its secrets, is what was blocked.

    Gives a sentence about what was filled in, what was not, and what was masked.
    """
    masked = secrets_in.mask(data.get(FIELD, "")[: refusals.LONGEST])
    data[FIELD] = masked.text
    return f"{_written(data, masked.text.strip(), offers)} {masked.said}".strip()


def _written(data: QueryDict, text: str, offers: Offers) -> str:
    if not text:
        return _("Paste the message that refused you first.")
    _add_blocked(data, text[:MOST_SAID])
    found = refusals.read(text)
    if found is None:
        return _("Nothing in it was recognised, so it stands as what was blocked. Fill in the rest.")
    said = _("Recognised as %(source)s, and filled in.") % {"source": found.source}
    return " ".join([said, *_fill_in(data, found, offers)])


def _fill_in(data: QueryDict, found: Refusal, offers: Offers) -> list[str]:
    """Write it; sentences about what no row of ours is called."""
    unknown = []
    identity = _identity(found.identities)
    written = data.get("identity", "").strip()
    if identity and written not in {"", offers.identity.label(identity)}:
        unknown.append(_("The message is about %(name)s: the form names another identity.") % {"name": identity.slug})
    elif identity:
        put(data, "identity", offers.identity.label(identity))
        if not (found.is_by_session and identity.credential_form == CredentialForm.LONG_LIVED_SECRET):
            put(data, "credential_form", identity.credential_form)
    elif found.identities:
        unknown.append(_("No identity goes by %(name)s: choose one.") % {"name": found.identities[0]})
    row = free_row(data, "grants", ("system", "actions", "resource"))
    for name, value in (("actions", ", ".join(found.actions)), ("resource", found.resource)):
        if value:
            data[f"grants-{row}-{name}"] = value
    if not data.get("title", "").strip() and (title := _title(found, identity)):
        put(data, "title", title)
    if system := _system([*found.systems, *_words(found.resource)]):
        data[f"grants-{row}-system"] = offers.system.label(system)
    else:
        unknown.append(_("Choose the system."))
    if found.policy:
        unknown.append(_("“%(policy)s” said no: choose the control it enforces.") % {"policy": found.policy})
    return unknown


def _title(found: Refusal, identity: Identity | None) -> str:
    """“erp-sync needs read on kv/prod/erp”, as far as the message says it."""
    who = identity.slug if identity else next(iter(found.identities), "")
    if not (who and found.actions and found.resource):
        return ""
    said = {"who": who, "what": ", ".join(found.actions), "thing": found.resource}
    return Truncator(_("%(who)s needs %(what)s on %(thing)s") % said).chars(LONGEST_TITLE)


def _add_blocked(data: QueryDict, text: str) -> None:
    written = data.get("blocked", "").strip()
    if text not in written:
        data["blocked"] = f"{written}\n\n{text}".strip()


def _words(resource: str) -> list[str]:
    """The words of a path, from its root on: a bucket or a store is often called after its system."""
    return [word for word in re.split(r"[^A-Za-z0-9]+", resource) if len(word) >= SHORTEST]


def _identity(names: Sequence[str]) -> Identity | None:
    """The only identity in use that goes by one of the names, the most exact name first."""
    for name in names:
        rows = list(Identity.objects.in_use().select_related("owner").called(name)[:2])
        if len(rows) == 1:
            return rows[0]
    return None


def _system(names: Sequence[str]) -> System | None:
    """The only system in use that is called, or tagged, by one of the names."""
    for word in names:
        called = Q(slug__iexact=word) | Q(name__iexact=word) | Q(tagged__tag=word.lower())
        rows = list(System.objects.in_use().filter(called).distinct()[:2])
        if len(rows) == 1:
            return rows[0]
    return None
