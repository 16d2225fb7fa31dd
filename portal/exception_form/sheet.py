"""The whole form, its one translation into a draft's content, and the way problems come back to their fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm, BaseFormSet, BoundField
from django.forms.utils import ErrorList
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from accounts.models import User
from exceptions_app.models import ExceptionCase
from exceptions_app.services import DraftContent, GrantContent, SafeguardContent
from exceptions_app.services.content import FIELDS, grant_contents, safeguard_contents
from portal.exception_form import kept
from portal.exception_form.choosing import Offers
from portal.exception_form.forms import (
    AskForm,
    EvidenceForm,
    GrantForm,
    GrantSet,
    RowForm,
    SafeguardForm,
    SafeguardSet,
)

R = TypeVar("R", bound=RowForm)
_ROW = re.compile(r"(grants|safeguards)-(\d+)-(\w+)")
_BEFORE_GRANTS, _BEFORE_SAFEGUARDS = "backup_owner", "excess_reason"


@dataclass(frozen=True)
class Wrong:
    """An entry of the error summary: where it links to, what the field is called, what is wrong."""

    href: str
    label: str
    text: str


@dataclass
class Sheet:
    """The forms of one page: the ask, its rows, and evidence to add."""

    ask: AskForm
    grants: BaseFormSet[GrantForm]
    safeguards: BaseFormSet[SafeguardForm]
    evidence: EvidenceForm

    @property
    def is_bound(self) -> bool:
        return self.ask.is_bound

    def read(self) -> bool:
        """Read every field; whether all can be stored. Whether it can be asked is for `limits` to say."""
        return all([self.ask.is_valid(), self.grants.is_valid(), self.safeguards.is_valid()])

    def content(self, case: ExceptionCase | None, user: User) -> DraftContent:
        """What of it can be stored. Fields in error are left out and so keep their stored value."""
        self.read()
        fields = {name: self.ask.cleaned_data[name] for name in FIELDS if name in self.ask.cleaned_data}
        if fields.get("identity") and not fields.get("credential_form", True):
            fields["credential_form"] = fields["identity"].credential_form
        if "end_on" in fields and "end_zone" in fields:
            fields["end_zone"] = (fields["end_zone"] or user.time_zone) if fields["end_on"] else ""
        _keep_people_apart(fields, case)
        return DraftContent(
            fields,
            [_grant(row) for row in counted(self.grants)] if self.grants.management_form.is_valid() else None,
            [_safeguard(row) for row in counted(self.safeguards)]
            if self.safeguards.management_form.is_valid()
            else None,
        )

    def add(self, problems: Mapping[str, Sequence[Any]]) -> None:
        """Put problems, named as `limits` names them, beside their fields; one that cannot be read says enough."""
        unread = {id(bound) for form in self._forms() for bound in form if bound.errors}
        for key, sentences in problems.items():
            form, name = self._place(key)
            if form is not None and name and id(form[name]) in unread:
                continue
            for sentence in map(str, sentences):
                self._add(key, sentence)

    def wrong(self) -> list[Wrong]:
        """Everything that is wrong, in the order of the page."""
        if not self.is_bound:
            return []
        found = [Wrong("", "", str(text)) for text in self.ask.non_field_errors()]
        for bound in self.ask:
            found += _wrong(bound, "")
            if bound.name == _BEFORE_GRANTS:
                found += _wrong_rows(self.grants, _("Grant"), _("What it opens"))
            if bound.name == _BEFORE_SAFEGUARDS:
                found += _wrong_rows(self.safeguards, _("Safeguard"), _("What stands in"))
        for bound in self.evidence:
            found += _wrong(bound, _("Evidence"))
        return found

    def _forms(self) -> list[BaseForm]:
        return [self.ask, *self.grants, *self.safeguards, self.evidence]

    def _place(self, key: str) -> tuple[BaseForm | None, str | None]:
        """The form and field a problem belongs to; no form for a list as a whole, no field for the page as a whole."""
        if key in {"grants", "safeguards"}:
            return None, None
        row = _ROW.fullmatch(key)
        if row:
            rows: list[RowForm] = [*counted(self.grants)] if row[1] == "grants" else [*counted(self.safeguards)]
            return rows[int(row[2])], row[3]
        form: BaseForm = self.evidence if key in self.evidence.fields else self.ask
        return form, key if key in form.fields else None

    def _add(self, key: str, sentence: str) -> None:
        form, name = self._place(key)
        if form is None:
            rows: BaseFormSet[Any] = getattr(self, key)
            rows.non_form_errors().append(sentence)
        elif sentence not in form.errors.get(name or NON_FIELD_ERRORS, ErrorList()):
            form.add_error(name, sentence)


def blank(offers: Offers, user: User) -> Sheet:
    """An empty form; its writer is proposed as owner."""
    return _unbound(offers, user, {"kind": "planned", "owner": user, "end_zone": user.time_zone}, [], [])


def stored(case: ExceptionCase, offers: Offers, user: User) -> Sheet:
    """The form with what the case holds."""
    initial = {name: getattr(case, name) for name in FIELDS} | {"version": case.version}
    initial["end_zone"] = initial["end_zone"] or user.time_zone
    grants = [
        {
            "system": item.system,
            "actions": item.actions,
            "resource": item.resource,
            "networks": item.networks,
            "conditions": item.conditions,
        }
        for item in grant_contents(case)
    ]
    safeguards = [
        {"kind": item.kind, "description": item.description, "required": item.required}
        | {f"{item.kind}_{name}": value for name, value in item.details.items()}
        for item in safeguard_contents(case)
    ]
    return _unbound(offers, user, initial, grants, safeguards)


def posted(
    data: QueryDict,
    offers: Offers,
    user: User,
    files: MultiValueDict[str, Any] | None = None,
    version: int | None = None,
) -> Sheet:
    """The form as it was sent; `version` replaces the one it was written upon."""
    body = data.copy()
    body["writer"] = kept.writer(user)
    if version is not None:
        body["version"] = str(version)
    options = {"offers": offers}
    return Sheet(
        AskForm(body, offers=offers),
        GrantSet(body, prefix="grants", form_kwargs=options),
        SafeguardSet(body, prefix="safeguards", form_kwargs=options),
        EvidenceForm(body, files),
    )


def counted(rows: BaseFormSet[R]) -> list[R]:
    """The rows that hold something and were not struck out, in order."""
    return [row for row in rows if row.counts]


def _unbound(
    offers: Offers, user: User, initial: dict[str, Any], grants: list[dict[str, Any]], safeguards: list[dict[str, Any]]
) -> Sheet:
    options = {"offers": offers}
    grant_set = GrantSet(initial=grants, prefix="grants", form_kwargs=options)
    safeguard_set = SafeguardSet(initial=safeguards, prefix="safeguards", form_kwargs=options)
    grant_set.extra, safeguard_set.extra = int(not grants), int(not safeguards)
    ask = AskForm(initial=initial | {"writer": kept.writer(user)}, offers=offers)
    return Sheet(ask, grant_set, safeguard_set, EvidenceForm())


def _keep_people_apart(fields: dict[str, Any], case: ExceptionCase | None) -> None:
    """Owner and backup owner never meet in the row, whichever of the two could be read."""
    owner = fields.get("owner", case.owner if case else None)
    backup = fields.get("backup_owner", case.backup_owner if case else None)
    if owner is not None and owner == backup:
        fields["backup_owner"] = None


def _grant(row: GrantForm) -> GrantContent:
    read = row.cleaned_data
    return GrantContent(
        system=read.get("system"),
        actions=tuple(read.get("actions") or ()),
        resource=read.get("resource") or "",
        networks=tuple(read.get("networks") or ()),
        conditions=read.get("conditions") or "",
    )


def _safeguard(row: SafeguardForm) -> SafeguardContent:
    read = row.cleaned_data
    required = read["required"] if "required" in read else bool(row["required"].value())
    return SafeguardContent(read.get("kind") or "", read.get("description") or "", required, row.details)


def _wrong(bound: BoundField, prefix: str) -> list[Wrong]:
    href = bound.id_for_label or f"{bound.auto_id}_0"
    label = f"{prefix}, {bound.label}" if prefix else str(bound.label)
    return [Wrong(href, label, str(text)) for text in bound.errors]


def _wrong_rows(rows: BaseFormSet[Any], noun: str, section: str) -> list[Wrong]:
    found = [Wrong(str(rows.prefix), section, str(text)) for text in rows.non_form_errors()]
    for number, row in enumerate(rows, start=1):
        for bound in row:
            found += _wrong(bound, f"{noun} {number}")
    return found
