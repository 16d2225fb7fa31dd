"""What a safeguard of each kind says in fields of its own, and the same in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from ipaddress import ip_network
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.zones import is_zone
from catalog.models import CredentialForm, SafeguardKind

Details = Mapping[str, Any]
LONGEST, MOST = 200, 10_000_000
DAYS = (("all", _("every day")), ("work", _("Monday to Friday")))
UNITS = (("hours", _("hours")), ("days", _("days")))
PERIODS = (("hour", _("hour")), ("day", _("day")), ("month", _("month")))


@dataclass(frozen=True)
class Detail:
    """One field. Its `shape` is text, number (a whole one from 1), networks, day, time, zone or one of `choices`."""

    name: str
    label: Promise
    shape: str = "text"
    choices: tuple[tuple[str, Promise], ...] = ()


DETAILS: dict[str, tuple[Detail, ...]] = {
    SafeguardKind.MONITORING: (Detail("where", _("Where it is watched")), Detail("who", _("Who is alerted"))),
    SafeguardKind.LOGGING: (Detail("where", _("Where it is logged")), Detail("days", _("Kept for days"), "number")),
    SafeguardKind.NETWORK: (Detail("networks", _("Only from these networks"), "networks"),),
    SafeguardKind.LEAST_PRIVILEGE: (Detail("left_out", _("What it may not do meanwhile")),),
    SafeguardKind.TIME_WINDOW: (
        Detail("days", _("On"), "choice", DAYS),
        Detail("zone", _("Time zone"), "zone"),
        Detail("from", _("From"), "time"),
        Detail("until", _("Until"), "time"),
    ),
    SafeguardKind.ROTATION: (
        Detail("every", _("Replaced or ended every"), "number"),
        Detail("unit", _("Unit"), "choice", UNITS),
        Detail("audience", _("Accepted only by (audience)")),
    ),
    SafeguardKind.TWO_PERSON: (Detail("who", _("The two people")),),
    SafeguardKind.RATE_LIMIT: (
        Detail("most", _("At most"), "number"),
        Detail("of", _("Of what (calls, rows, euros)")),
        Detail("per", _("Per"), "choice", PERIODS),
    ),
    SafeguardKind.APPROVAL: (Detail("who", _("Who approves each use")),),
    SafeguardKind.ATTESTATION: (
        Detail("document", _("Document of the vendor")),
        Detail("valid_until", _("Valid until"), "day"),
    ),
}
USUAL: dict[str, tuple[SafeguardKind, ...]] = {
    CredentialForm.LONG_LIVED_SECRET: (SafeguardKind.ROTATION, SafeguardKind.MONITORING),
    CredentialForm.JIT_CREDENTIAL: (SafeguardKind.ROTATION,),
    CredentialForm.WORKLOAD_IDENTITY_TOKEN: (SafeguardKind.LEAST_PRIVILEGE, SafeguardKind.ROTATION),
    CredentialForm.CERTIFICATE: (SafeguardKind.ROTATION, SafeguardKind.MONITORING),
}
"""What is asked by default, by the credential: secrets are rotated and their use watched, sessions and tokens short."""
MEANT: dict[tuple[str, str], Promise] = {
    (CredentialForm.JIT_CREDENTIAL, SafeguardKind.ROTATION): _("a limit on how long a session lasts"),
    (CredentialForm.WORKLOAD_IDENTITY_TOKEN, SafeguardKind.LEAST_PRIVILEGE): _("one audience that takes the token"),
    (CredentialForm.WORKLOAD_IDENTITY_TOKEN, SafeguardKind.ROTATION): _("a limit on how long a token lasts"),
}
"""What such a kind is with this credential, where its name alone does not say so."""


def details_of(kind: str) -> tuple[Detail, ...]:
    """The fields of a kind; none where it has none of its own."""
    return DETAILS.get(kind, ())


def kept(kind: str, said: Details) -> dict[str, Any]:
    """Of what was said the fields this kind has, as plain JSON values, without what is empty or of another shape."""
    found = {detail.name: _kept(detail, said.get(detail.name)) for detail in details_of(kind)}
    return {name: value for name, value in found.items() if value not in (None, "", [])}


def in_words(kind: str, details: Details) -> str:
    """Its fields as sentences; "" where nothing is said in them."""
    said = {name: value for name, value in details.items() if value}
    say = _SAYING.get(kind)
    return " ".join(filter(None, say(said))) if say and said else ""


def _kept(detail: Detail, value: Any) -> Any:
    read = _READING.get(detail.shape)
    try:
        return read(value) if read else _choice(detail, value)
    except (TypeError, ValueError, AttributeError):
        return None


def _number(value: Any) -> int | None:
    number = int(value)
    return number if 1 <= number <= MOST else None


def _networks(value: Any) -> list[str]:
    return [str(ip_network(one, strict=False)) for one in value]


def _choice(detail: Detail, value: Any) -> str | None:
    return value if value in dict(detail.choices) else None


_READING: dict[str, Callable[[Any], Any]] = {
    "text": lambda value: value.strip()[:LONGEST],
    "number": _number,
    "networks": _networks,
    "day": lambda value: (value if isinstance(value, date) else date.fromisoformat(value)).isoformat(),
    "time": lambda value: (value if isinstance(value, time) else time.fromisoformat(value)).strftime("%H:%M"),
    "zone": lambda value: value if is_zone(value) else None,
}


def _monitoring(said: Details) -> list[str]:
    return [
        _t("Watched in %(where)s.") % said if "where" in said else "",
        _t("%(who)s is alerted.") % said if "who" in said else "",
    ]


def _logging(said: Details) -> list[str]:
    days = int(said.get("days", 0))
    return [
        _t("Logged in %(where)s.") % said if "where" in said else "",
        ngettext("Kept for %(n)d day.", "Kept for %(n)d days.", days) % {"n": days} if days else "",
    ]


def _window(said: Details) -> list[str]:
    days = dict(DAYS).get(said.get("days", ""), "")
    hours = _t("%(from)s to %(until)s") % said if {"from", "until"} <= said.keys() else ""
    when = ", ".join(filter(None, [str(days), " ".join(filter(None, [hours, said.get("zone", "")]))]))
    return [_t("Only %(when)s.") % {"when": when} if when else ""]


def _rotation(said: Details) -> list[str]:
    every = int(said.get("every", 0))
    if said.get("unit") == "hours":
        length = ngettext("%(n)d hour", "%(n)d hours", every) % {"n": every}
    else:
        length = ngettext("%(n)d day", "%(n)d days", every) % {"n": every}
    return [
        _t("Replaced or ended every %(length)s.") % {"length": length} if every else "",
        _t("Accepted only by %(audience)s.") % said if "audience" in said else "",
    ]


def _rate(said: Details) -> list[str]:
    if "most" not in said:
        return []
    per = dict(PERIODS).get(said.get("per", ""))
    most = " ".join([str(said["most"]), said.get("of", "")]).strip()
    if per is None:
        return [_t("At most %(most)s.") % {"most": most}]
    return [_t("At most %(most)s per %(period)s.") % {"most": most, "period": per}]


def _attestation(said: Details) -> list[str]:
    until = date_format(date.fromisoformat(said["valid_until"])) if "valid_until" in said else ""
    return [
        _t("The vendor attests it: %(document)s.") % said if "document" in said else "",
        _t("Valid until %(day)s.") % {"day": until} if until else "",
    ]


_SAYING: dict[str, Callable[[Details], list[str]]] = {
    SafeguardKind.MONITORING: _monitoring,
    SafeguardKind.LOGGING: _logging,
    SafeguardKind.NETWORK: lambda said: [_t("Only from %(networks)s.") % {"networks": ", ".join(said["networks"])}],
    SafeguardKind.LEAST_PRIVILEGE: lambda said: [_t("It may not: %(left_out)s.") % said],
    SafeguardKind.TIME_WINDOW: _window,
    SafeguardKind.ROTATION: _rotation,
    SafeguardKind.TWO_PERSON: lambda said: [_t("Used by two people together: %(who)s.") % said],
    SafeguardKind.RATE_LIMIT: _rate,
    SafeguardKind.APPROVAL: lambda said: [_t("Each use is approved by %(who)s.") % said],
    SafeguardKind.ATTESTATION: _attestation,
}
