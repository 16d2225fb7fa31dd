"""Every piece of the look with made-up content, for tests and screenshots of templates/gallery.html."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from django import forms

from portal.inputs import Day, Words
from portal.templatetags.look import STATES, TIERS

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
ADA = SimpleNamespace(name="Ada Byström", email="ada@example.com")
BO = SimpleNamespace(name="Bo Lind", email="bo@example.com")
NAMES = [
    "Legacy ERP hard-codes its credential path",
    "Deploy bot merges outside the change window",
    "Vendor key outlives its owner",
]


class AskForm(forms.Form):
    title = forms.CharField(help_text="One line an auditor will understand in a year.")
    kind = forms.ChoiceField(
        choices=[("planned", "Planned"), ("retrospective", "Retrospective")],
        widget=forms.RadioSelect,
        help_text="Planned unless the deviation already happened.",
    )
    why = forms.CharField(label="Why the normal path is unavailable", widget=Words)
    remediation_on = forms.DateField(label="Mended by", widget=Day)
    ticket = forms.CharField(label="Ticket", required=False)
    proof = forms.FileField(label="Evidence", required=False)
    safe = forms.BooleanField(
        label="The safeguards below are in place", required=False, help_text="You can attach proof later."
    )


AskForm.base_fields["kind"].choice_hints = {
    "planned": "Asked before it is relied on.",
    "retrospective": "Never makes anything allowed in the past.",
}


class GrantForm(forms.Form):
    system = forms.ChoiceField(choices=[("", "Choose a system"), ("kv", "Key vault, production")])
    resource = forms.CharField(help_text="Literal, or a prefix ending in * after a /.")


class FilterForm(forms.Form):
    state = forms.ChoiceField(choices=[("", "Any state"), ("active", "Active")], required=False)
    risk = forms.ChoiceField(choices=[("", "Any risk"), ("4", "Critical")], required=False)
    owner = forms.CharField(required=False)


GrantSet = forms.formset_factory(GrantForm, extra=1, can_delete=True)


def context(*, bound: bool = True) -> dict[str, object]:
    start, soon = AT - 27 * DAY, AT + 3 * DAY + timedelta(hours=2)
    data = {"title": "", "why": "The vendor's patch lands on 30 November.", "kind": "planned", "remediation_on": ""}
    rows = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0", "form-0-system": "kv", "form-0-resource": "prod/erp/*"}
    return {
        "at": AT,
        "ada": ADA,
        "bo": BO,
        "start": start,
        "soon": soon,
        "later": AT + 80 * DAY,
        "past": AT - 3 * DAY,
        "warns": AT - 3 * DAY,
        "later_warns": AT + 66 * DAY,
        "span": timedelta(days=14),
        "sha": "9f2c4e1ab7d0558c3e6f1f0e9a7b6c5d4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b",
        "states": list(STATES),
        "tiers": list(TIERS),
        "reached": {
            "draft": start - 3 * DAY,
            "requested": start - 2 * DAY,
            "approved": start,
            "active": start,
            "expiring": AT - 3 * DAY,
        },
        "facts": [
            {"label": "System", "value": "Key vault, production"},
            {"label": "Actions", "value": "read"},
            {"label": "Resource", "value": "kv/prod/erp/*"},
            {"label": "Networks", "value": "10.4.0.0/16"},
        ],
        "answers": [
            {
                "label": "Why",
                "text": "The vendor's patch lands on 30 November",
                "note": "Rotation breaks the nightly close",
            },
            {"label": "Accepted", "text": "Bo Lind, for Payments", "note": "6 November, two-step sign-in"},
            {"label": "Guarded", "text": "2 of 2 safeguards verified", "note": "Last looked at 2 hours ago"},
            {"label": "Ends", "text": "4 Dec 2026, 17:00 CET", "note": "in 3 days"},
        ],
        "entries": [
            {
                "tone": "amber",
                "icon": "hourglass",
                "title": "Ends within its warning window",
                "who": "clock",
                "at": AT - 3 * DAY,
            },
            {
                "tone": "violet",
                "icon": "seal",
                "title": "Approved step 1 of 1",
                "who": BO,
                "at": start,
                "said": "I accept the risk of a static credential for Payments until the patch is in.",
            },
            {
                "tone": "grey",
                "icon": "pencil",
                "title": "Edited",
                "who": ADA,
                "at": start - 2 * DAY,
                "changes": [changes()],
            },
        ],
        "changes": [changes(), {"label": "Term", "before": "45 days", "after": "30 days"}],
        "kpis": [
            {"label": "In force", "value": "38", "href": "#", "note": "4 more than last week"},
            {"label": "Ended on time", "value": "96.4", "unit": "%", "href": "#"},
            {"label": "Past end, access unconfirmed", "value": "2", "tone": "red", "href": "#"},
            {"label": "Ending in 7 days", "value": "5", "tone": "amber", "href": "#"},
            {"label": "Median time to decide", "value": "6", "unit": "h", "href": "#"},
            {"label": "Longest renewal chain", "value": "3", "href": "#"},
        ],
        "tabs": [
            {"label": "In force", "href": "#", "current": True, "count": 38},
            {"label": "Waiting", "href": "#", "count": 12},
            {"label": "Ended", "href": "#"},
        ],
        "filters": FilterForm(),
        "cases": [case(number, state) for number, state in enumerate(STATES)],
        "form": AskForm(data) if bound else AskForm(),
        "formset": GrantSet(rows) if bound else GrantSet(),
    }


def changes() -> dict[str, str]:
    return {
        "label": "Why the normal path is unavailable",
        "before": "The vendor will deliver a patch soon.",
        "after": "The vendor will deliver the patch on 30 November.",
    }


def case(number: int, state: str) -> SimpleNamespace:
    return SimpleNamespace(
        title=NAMES[number % 3],
        reference=f"EXC-2026-{44 - number:04}",
        control=("NHI-ROT-01", "NHI-CHG-02", "NHI-OWN-03")[number % 3],
        identity=("svc-erp", "deploy-bot", "acme-oauth")[number % 3],
        state=state,
        tier=number % 4 + 1,
        owner=(ADA, BO)[number % 2],
        end={"active": AT + 40 * DAY, "expiring": AT + 3 * DAY, "closed": AT - 9 * DAY}.get(state),
        warns=AT - 3 * DAY if state == "expiring" else None,
        term=(30, 90, 14)[number % 3],
    )
