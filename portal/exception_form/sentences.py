"""A draft's content in plain words: what a grant opens, how long, and how one version differs from another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Model
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from catalog.models import CredentialForm, Identity
from exceptions_app.models import ExceptionCase, Kind, Response, SafeguardKind
from exceptions_app.safeguard_kinds import in_words
from exceptions_app.services import DraftContent, GrantContent, SafeguardContent
from exceptions_app.services.content import grant_contents, safeguard_contents
from exceptions_app.triggers import CHANGES
from portal import words
from portal.exception_form.forms import AskForm
from portal.exception_form.on_change import PREFIX

WORDS: dict[str, dict[Any, Any]] = {
    "kind": dict(Kind.choices),
    "credential_form": dict(CredentialForm.choices),
    "safeguard": dict(SafeguardKind.choices),
}


@dataclass(frozen=True)
class Difference:
    """One field in which two versions differ, as each would be read."""

    label: str
    theirs: str
    yours: str


def opens(identity: Identity | None, grant: GrantContent, until: str = "") -> str:
    """“svc-erp may read everything under kv/prod/erp/ on Vault (production), only from 10.4.0.0/16, until 4 May.”"""
    said = _("%(who)s may %(what)s %(thing)s on %(where)s") % {
        "who": identity.slug if identity else _("The identity"),
        "what": words.joined(grant.actions) or "…",
        "thing": _thing(grant.resource),
        "where": f"{grant.system.name} ({grant.system.get_environment_display()})" if grant.system else "…",
    }
    if grant.networks:
        said += _(", only from %(networks)s") % {"networks": words.joined(grant.networks)}
    if until:
        said += _(", until %(end)s") % {"end": until}
    if grant.conditions:
        said += _(", on the condition: %(condition)s") % {"condition": grant.conditions.rstrip(".")}
    return said + "."


def differences(case: ExceptionCase, ask: AskForm, content: DraftContent) -> list[Difference]:
    """Where what was written differs from what is stored, field by field, in the order of the form."""
    found = []
    for bound in ask:
        if bound.is_hidden or bound.name.startswith(f"{PREFIX}_"):
            continue
        if bound.name == "end_zone" and not content.fields.get("end_on"):
            continue
        present = getattr(case, bound.name)
        if bound.errors:
            found.append(Difference(str(bound.label), shown(bound.name, present), str(bound.value() or "")))
        elif bound.name in content.fields and content.fields[bound.name] != present:
            found.append(
                Difference(str(bound.label), shown(bound.name, present), shown(bound.name, content.fields[bound.name]))
            )
    return [*found, *_change_differences(case, content), *_row_differences(case, content)]


def shown(name: str, value: Any) -> str:
    """A field's value as a reader would say it."""
    if value is None or value == "":
        return _("(empty)")
    if name in WORDS:
        return str(WORDS[name].get(value, value))
    if isinstance(value, datetime):
        return date_format(localtime(value), "j F Y, H:i T")
    if isinstance(value, date):
        return date_format(value, "j F Y")
    return str(value) if isinstance(value, Model | str) else f"{value}"


def _change_differences(case: ExceptionCase, content: DraftContent) -> list[Difference]:
    """Where another thing is done at a change than what is stored says."""
    theirs, yours = case.on_change, content.fields.get(PREFIX, case.on_change)
    label = {trigger.value: trigger.label for trigger in CHANGES}
    return [
        Difference(str(label[name]), _response(theirs.get(name)), _response(yours.get(name)))
        for name in label
        if theirs.get(name) != yours.get(name)
    ]


def _response(does: str | None) -> str:
    return str(Response(does).label) if does in Response.values else _("As usual")


def _row_differences(case: ExceptionCase, content: DraftContent) -> list[Difference]:
    found = []
    if content.grants is not None:
        theirs, yours = _grant_lines(grant_contents(case)), _grant_lines(content.grants)
        found.append(Difference(_("What it opens"), theirs, yours))
    if content.safeguards is not None:
        theirs, yours = _safeguard_lines(safeguard_contents(case)), _safeguard_lines(content.safeguards)
        found.append(Difference(_("What stands in"), theirs, yours))
    return [item for item in found if item.theirs != item.yours]


def _grant_lines(grants: Sequence[GrantContent]) -> str:
    return "\n".join(f"{number}. {opens(None, grant)}" for number, grant in enumerate(grants, start=1)) or _("(empty)")


def _safeguard_lines(safeguards: Sequence[SafeguardContent]) -> str:
    lines = [
        f"{number}. {WORDS['safeguard'].get(item.kind, '…')}: {in_words(item.kind, item.details)} {item.description}"
        + ("" if item.required else _(" (not required before the start)"))
        for number, item in enumerate(safeguards, start=1)
    ]
    return "\n".join(lines) or _("(empty)")


def _thing(resource: str) -> str:
    if resource.endswith("/*"):
        return _("everything under %(prefix)s") % {"prefix": resource[:-1]}
    return resource or "…"
