"""What an approval rule says, in words: when it holds, whom it asks, and how a proposed change differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import ApproverGroup, User
from catalog.models import CredentialForm, Environment, Framework, IdentityKind, Tier
from exceptions_app.models import Assurance, Kind, Source
from exceptions_app.queries.case import people_in
from portal import words
from portal.chronicle import Change, Names, shown_bool
from workflows.rule_changes import LABELS

CHOICES: dict[str, dict[str, Any]] = {
    "kinds": dict(Kind.choices),
    "environments": dict(Environment.choices),
    "identity_kinds": dict(IdentityKind.choices),
    "credential_forms": dict(CredentialForm.choices),
}


@dataclass(frozen=True)
class Told:
    """A rule in words."""

    when: list[str]
    asks: list[str]


def names_for(*facts: Any) -> Names:
    """The people and groups these facts name; two queries."""
    return Names(people_in(facts), dict(ApproverGroup.objects.values_list("slug", "name")))


def told(facts: Mapping[str, Any], names: Names) -> Told:
    """When a rule with these facts holds, a phrase each, and its steps in their order."""
    when = [phrase for name, phrase in _phrases(facts) if phrase]
    return Told(when or [_("every exception")], [_step(step, names) for step in facts["steps"]])


def changes(before: Mapping[str, Any], after: Mapping[str, Any], names: Names) -> list[Change]:
    """What would change, line by line; `before` may lack what was not there."""
    found = []
    for name, fact in after.items():
        was = _fact(name, before.get(name), names)
        if was != (now := _fact(name, fact, names)):
            found.append(Change(str(LABELS.get(name, name)).capitalize(), was, now))
    return found


def _phrases(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    tier, renewal, days = facts["tier_at_least"], facts["renewal_at_least"], facts["longer_than_days"]
    named = [*facts["controls"], *_frameworks(facts["frameworks"])]
    return [
        ("kinds", _either("kinds", facts)),
        ("tier", _("risk at least %(tier)s") % {"tier": Tier(tier).label} if tier else ""),
        ("controls", _("the control is or answers to %(named)s") % {"named": words.either(named)} if named else ""),
        ("environments", _either("environments", facts)),
        ("identity_kinds", _either("identity_kinds", facts)),
        ("credential_forms", _either("credential_forms", facts)),
        ("with_vendor", _("a vendor is involved") if facts["with_vendor"] else ""),
        ("beyond_reading", _("more than reading is asked") if facts["beyond_reading"] else ""),
        ("renewal", _("from renewal %(n)d on") % {"n": renewal} if renewal else ""),
        ("days", ngettext("longer than %(n)d day", "longer than %(n)d days", days) % {"n": days} if days else ""),
    ]


def _either(name: str, facts: Mapping[str, Any]) -> str:
    return words.either([str(CHOICES[name].get(value, value)) for value in facts[name]])


def _frameworks(slugs: Sequence[str]) -> list[str]:
    names = dict(Framework.objects.filter(slug__in=slugs).values_list("slug", "name")) if slugs else {}
    return [names.get(slug, slug) for slug in slugs]


def _step(step: Mapping[str, Any], names: Names) -> str:
    who = str(Source(step["source"]).label) if step["source"] in Source.values else step["source"]
    if step["group"]:
        who = str(names.groups.get(step["group"], step["group"]))
    if step["person"]:
        who = _person(step["person"], names.people)
    said = ngettext("%(name)s: %(who)s", "%(name)s: %(n)d people of %(who)s", step["count"])
    text = f"{step['order']}. {said % {'name': step['name'], 'who': who, 'n': step['count']}}"
    hours, assurance = step["decide_within_hours"], step.get("assurance", Assurance.SESSION)
    further = [
        ngettext("within %(n)d hour", "within %(n)d hours", hours) % {"n": hours} if hours else "",
        "" if assurance == Assurance.SESSION else str(Assurance(assurance).label),
        _("also among many") if step.get("in_bulk") else "",
    ]
    return ", ".join([text, *filter(None, further)])


def _person(pseudonym: str, people: Mapping[UUID, User]) -> str:
    return str(people.get(UUID(pseudonym), _("someone unknown")))


def _fact(name: str, fact: Any, names: Names) -> str:
    if fact in (None, "", []):
        return ""
    if name == "steps":
        return "\n".join(_step(step, names) for step in fact)
    if name == "valid_from_at":
        return date_format(localtime(datetime.fromisoformat(fact)), "j F Y, H:i T")
    if isinstance(fact, bool):
        return shown_bool(fact)
    if name == "tier_at_least":
        return str(Tier(fact).label)
    if isinstance(fact, list):
        return words.joined([str(CHOICES.get(name, {}).get(value, value)) for value in fact])
    return str(fact)
