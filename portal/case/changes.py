"""What differs between two versions of a case, or two documents of its ask, in a reader's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import CredentialForm, Environment, IdentityKind, Tier
from exceptions_app.models import ExceptionCase, Grant, Kind, Response, Safeguard, SafeguardKind, State, Trigger
from exceptions_app.queries.versions import Names, Pair
from exceptions_app.safeguard_kinds import in_words
from portal import words

LABELS = {
    "kind": _("Kind"),
    "title": _("Title"),
    "control": _("Control"),
    "identity": _("Identity"),
    "blocked": _("What was blocked"),
    "normal_path": _("Why the normal path is unavailable"),
    "justification": _("Why this is needed"),
    "on_change": _("What is done if something changes"),
    "if_conditions_change": _("What else must happen then"),
    "exit_plan": _("Exit plan"),
    "remediation_on": _("Mended by"),
    "excess": _("Granted beyond need"),
    "excess_reason": _("Why the platform is too coarse"),
    "credential_form": _("Form of the credential"),
    "exposed_from_at": _("Exposed since"),
    "owner": _("Owner"),
    "backup_owner": _("Backup owner"),
    "requester": _("Requester"),
    "likelihood": _("Likelihood"),
    "impact": _("Impact"),
    "raised_tier": _("Risk raised to"),
    "risk_tier": _("Risk"),
    "term_days": _("Term in days"),
    "end_on": _("End date"),
    "end_zone": _("Time zone of the end"),
    "planned_start_at": _("Planned start"),
    "latest_end_at": _("Latest end"),
    "change_ref": _("Change reference"),
    "incident_ref": _("Incident reference"),
    "ticket_ref": _("Ticket reference"),
    "renewal_number": _("Number of the renewal"),
    "what_changed": _("What has changed since the last time"),
    "exit_progress": _("What was done to end it"),
    "why_still": _("Why it is still needed"),
    "renews": _("Renews"),
    "evidence": _("Evidence"),
    "grants": _("What it opens"),
    "safeguards": _("What stands in"),
}
FACTS = {
    "code": _("Code"),
    "statement": _("Statement"),
    "severity": _("Severity"),
    "exceptions_allowed": _("Exceptions allowed"),
    "term_cap_days": _("Longest term at this risk, in days"),
    "name": _("Name"),
    "environment": _("Environment"),
    "vendor": _("Vendor"),
    "criticality": _("Criticality"),
    "slug": _("Handle"),
}
CHOICES: dict[str, Mapping[Any, Any]] = {
    "kind": {**dict(Kind.choices), **dict(IdentityKind.choices)},
    "credential_form": dict(CredentialForm.choices),
    "environment": dict(Environment.choices),
    "renewed": dict(State.choices),
    **{name: dict(Tier.choices) for name in ("raised_tier", "risk_tier", "severity", "criticality")},
}
VERSIONED = tuple(name for name in LABELS if name not in {"evidence", "grants", "safeguards", "renews", "requester"})


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str


def of_versions(pairs: Iterable[Pair], names: Names) -> list[Change]:
    """What these pairs of stored versions changed; a row that was only touched changes nothing."""
    found = []
    for pair in pairs:
        if pair.model is ExceptionCase and pair.before and pair.after:
            found += _case_changes(pair, names)
        elif pair.model is Grant:
            found.append(Change(gettext("Opens"), _grant(pair.before, names), _grant(pair.after, names)))
        elif pair.model is Safeguard:
            found.append(Change(gettext("Safeguard"), _safeguard(pair.before), _safeguard(pair.after)))
    return [change for change in found if change.before != change.after]


def of_documents(before: Mapping[str, Any], after: Mapping[str, Any], people: Mapping[UUID, User]) -> list[Change]:
    """What changed between two canonical asks and the catalog facts shown with them."""
    found = [
        Change(str(label), _told(name, before["ask"].get(name), people), _told(name, after["ask"].get(name), people))
        for name, label in LABELS.items()
        if name in before["ask"] or name in after["ask"]
    ]
    for subject, label in (("control", LABELS["control"]), ("identity", LABELS["identity"])):
        found += _fact_changes(str(label), before["facts"].get(subject), after["facts"].get(subject), people)
    beside = (
        ("systems", _("Systems")),
        ("risk_tier", LABELS["risk_tier"]),
        ("renewed", _("What it renews")),
        ("changed", _("Changed since it was approved")),
    )
    for name, label in beside:
        old, new = (_told(name, document["facts"].get(name), people) for document in (before, after))
        found.append(Change(str(label), old, new))
    return [change for change in found if change.before != change.after]


def _case_changes(pair: Pair, names: Names) -> list[Change]:
    return [
        Change(str(LABELS[name]), _stored(pair.before, name, names), _stored(pair.after, name, names))
        for name in VERSIONED
    ]


def _stored(version: Any, name: str, names: Names) -> str:
    tables: dict[str, Mapping[int, object]] = {
        "control": names.controls,
        "identity": names.identities,
        "owner": names.people,
        "backup_owner": names.people,
    }
    pointed = tables.get(name)
    if pointed is None:
        return _shown(name, getattr(version, name))
    return str(pointed.get(getattr(version, f"{name}_id"), ""))


def _grant(version: Any, names: Names) -> str:
    if version is None:
        return ""
    system = names.systems.get(version.system_id)
    return _grant_words(version.actions, version.resource, system or "…", version.networks, version.conditions)


def _grant_words(
    actions: Sequence[str], resource: str, system: object, networks: Sequence[str], conditions: str
) -> str:
    line = gettext("%(actions)s %(resource)s on %(system)s") % {
        "actions": words.joined(actions) or "…",
        "resource": resource or "…",
        "system": system,
    }
    if networks:
        line += gettext(" from %(networks)s") % {"networks": ", ".join(networks)}
    return f"{line}; {conditions}" if conditions else line


def _safeguard(version: Any) -> str:
    if version is None:
        return ""
    return _safeguard_words(version.kind, version.description, version.details, required=version.required)


def _safeguard_words(kind: str, description: str, details: Mapping[str, Any], *, required: bool) -> str:
    said = " ".join(filter(None, [in_words(kind, details), description]))
    line = f"{dict(SafeguardKind.choices).get(kind, '…')}: {said}"
    return line if required else gettext("%(safeguard)s (not required before the start)") % {"safeguard": line}


def _fact_changes(
    label: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, people: Mapping[UUID, User]
) -> list[Change]:
    old, new = before or {}, after or {}
    return [
        Change(
            f"{label}: {FACTS.get(name) or LABELS.get(name) or name}",
            _told(name, old.get(name), people),
            _told(name, new.get(name), people),
        )
        for name in {**old, **new}
    ]


def _told(name: str, value: Any, people: Mapping[UUID, User]) -> str:
    """A value of a document. People stand in it by pseudonym, instants in ISO 8601."""
    if name in {"owner", "backup_owner", "requester"} and value:
        return str(people.get(UUID(value), gettext("someone unknown")))
    if name == "grants":
        keys = ("actions", "resource", "system", "networks", "conditions")
        return "\n".join(_grant_words(*(grant[key] for key in keys)) for grant in value)
    if name == "safeguards":
        return "\n".join(
            _safeguard_words(item["kind"], item["description"], item.get("details", {}), required=item["required"])
            for item in value
        )
    if name == "evidence":
        return "\n".join(f"{item['title']} {item['url'] or item['sha256']}" for item in value)
    if name == "changed":
        triggers = dict(Trigger.choices)
        return "\n".join(f"{triggers.get(item['trigger'], '')}: {item['why']}" for item in value or ())
    if name == "systems":
        return "\n".join(_system_words(item) for item in value or ())
    if name.endswith("_at") and value:
        return _shown(name, datetime.fromisoformat(value))
    return _shown(name, value)


def _system_words(system: Mapping[str, Any]) -> str:
    told = (_shown(name, system[name]) for name in ("environment", "criticality"))
    return ", ".join([f"{system['name']} ({system['slug']})", *told])


def _responses(said: Mapping[str, str]) -> str:
    """What is said there of each change, a line each; what is left as usual is not."""
    triggers, does = dict(Trigger.choices), dict(Response.choices)
    return "\n".join(f"{triggers.get(name, name)}: {does.get(said[name], said[name])}" for name in said)


def _shown(name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if name == "on_change":
        return _responses(value)
    if name in CHOICES:
        return str(CHOICES[name].get(value, value))
    if isinstance(value, datetime):
        return date_format(localtime(value), "j M Y, H:i T")
    if isinstance(value, date):
        return date_format(value, "j M Y")
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return str(value)
