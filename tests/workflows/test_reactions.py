"""The table of reactions knows every kind of event the services record."""

import ast
from pathlib import Path

import pytest

from accounts import proposing
from accounts.models import Proposal
from audit.models import Pending
from tests.workflows.stage import AT
from workflows import chores, effects, mails, reactions
from workflows.models import Effect
from workflows.queries import standing

ROOT = Path(__file__).parents[2]
APPS = ("accounts", "audit", "catalog", "exceptions_app", "intake", "waivers", "workflows")
RECORDERS = {"event", "_happening", "Happening", "Entry", "record"}
ENTRIES = {
    "controls": ["control"],
    "proposals": ["control"],
    "identities": ["identity"],
    "systems": ["system"],
    "vendors": ["vendor"],
    "bulk": ["identity", "system", "vendor"],
}
"""What the verbs of a module of the catalog happen to."""


PROPOSALS = (proposing.PROPOSED, proposing.ACCEPTED, proposing.DECLINED, proposing.WITHDRAWN)


def emitted():
    """Kinds written where an event is recorded, or bound to a name such as DUE; the catalog's verbs made whole."""
    for app in APPS:
        for path in (ROOT / app).rglob("*.py"):
            if "demo" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                yield from _kinds(node, ENTRIES.get(path.stem, []))
    for subject in {model().subject for model in Proposal.__subclasses__()}:
        yield from (f"{subject}.{verb}" for verb in PROPOSALS)


def _kinds(node, entries):
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=args, keywords=named):
            texts = [n.value for n in (*args, *(k.value for k in named)) if isinstance(n, ast.Constant)]
            if name in RECORDERS:
                yield from filter(_is_kind, texts)
            if name == "Verb":
                yield from (f"{entry}.{text}" for entry in entries for text in texts)
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=text)) if name.isupper():
            yield from filter(_is_kind, [text])


def _is_kind(text):
    noun, dot, verb = text.partition(".") if isinstance(text, str) else ("", "", "")
    return bool(dot) and noun.isidentifier() and verb.isidentifier()


def test_every_recorded_kind_stands_in_the_table():
    assert set(emitted()) - set(reactions.known_kinds()) == set()


def test_the_table_names_no_kind_that_nobody_records():
    assert set(reactions.known_kinds()) - set(emitted()) == set()


def test_a_kind_either_causes_something_or_says_why_not():
    assert not set(reactions.REACTIONS) & set(reactions.SILENT)
    assert all(reactions.SILENT.values())


def test_every_reaction_is_a_mail_or_a_chore_and_each_of_them_a_reaction():
    named = {reaction.name for wanted in reactions.REACTIONS.values() for reaction in wanted}

    assert named == mails.MAILS.keys() | chores.CHORES.keys() | mails.ABOUT_NO_CASE.keys()
    assert not mails.MAILS.keys() & chores.CHORES.keys()


@pytest.mark.parametrize(
    ("kind", "body", "wanted"),
    [
        ("case.drafted", {}, []),
        ("case.submitted", {"backup_owner": []}, ["ask_approvers", "ask_channel"]),
        ("case.submitted", {"backup_owner": ["0f"]}, ["ask_approvers", "ask_channel", "ask_backup"]),
        ("case.decided", {"verdict": "approve"}, ["tell_progress"]),
        ("case.decided", {"verdict": "changes"}, []),
        ("case.withdrawn", {"from_state": "draft"}, []),
        ("case.withdrawn", {"from_state": "requested"}, ["tell_withdrawn", "tell_channel"]),
        ("case.decided", {"verdict": "recuse"}, ["escalate", "escalate_to_channel"]),
        ("case.rejected", {}, ["tell_rejected", "tell_channel"]),
        ("case.amended", {"changed": ["title"]}, []),
        ("case.amended", {"changed": ["backup_owner"]}, ["ask_backup"]),
        ("identity.changed", {"changes": {"name": ["a", "b"]}}, ["follow_names"]),
        ("vendor.changed", {"changes": {"name": ["a", "b"]}}, ["follow_names", "fire_changes"]),
        ("vendor.changed", {"changes": {"review_on": ["a", "b"]}}, []),
        ("identity.changed", {"changes": {"vendor": [None, 1]}}, ["follow_names", "fire_changes"]),
        ("control.changed", {"changes": {"severity": [1, 2]}}, ["fire_changes"]),
        ("control.changed", {"changes": {"term_cap_low": [9, 8]}}, ["fire_changes"]),
        ("control.changed", {"changes": {"owner": [None, "0f"]}}, ["ask_second_factor"]),
        ("identity.changed", {"changes": {"owner": [None, "0f"]}}, ["ask_second_factor", "fire_changes"]),
        ("control.created", {"owner": None, "approver_group": "ciso"}, ["ask_second_factor"]),
        ("system.created", {"owner": "0f"}, ["ask_second_factor"]),
        ("system.created", {"owner": None}, []),
        ("identity.created", {"owner": "0f"}, ["ask_second_factor"]),
        ("identity.created", {"owner": None, "owner_asked": "0f"}, []),
        ("identity.owner_accepted", {}, ["ask_second_factor"]),
        ("delegation.accepted", {}, ["ask_second_factor"]),
        ("user.reactivated", {}, ["ask_second_factor"]),
        ("user.changed", {"changes": {"manager": [None, "0f"]}}, ["ask_second_factor"]),
        ("user.changed", {"changes": {"is_auditor": [True, False]}}, ["ask_second_factor", "look_again"]),
        ("user.changed", {"changes": {"time_zone": ["UTC", "Europe/Rome"]}}, []),
        ("reminder.due", {"kind": "end_7"}, ["remind_of_end"]),
        ("reminder.due", {"kind": "removal"}, ["remind_of_removal"]),
        ("reminder.due", {"kind": "half_time"}, ["remind_at_half_time"]),
    ],
)
def test_what_an_event_causes_may_depend_on_what_it_says(kind, body, wanted):
    assert reactions.to(kind, body) == wanted


def test_an_event_of_an_unknown_kind_waits_and_is_seen(committed, monkeypatch):
    committed.requested()
    monkeypatch.delitem(reactions.REACTIONS, "case.submitted")

    while effects.dispatch(at=AT):
        pass

    assert [row.event.kind for row in Pending.objects.all()] == ["case.submitted"]
    assert (standing().undispatched, standing().unknown) == (1, 1)
    assert not Effect.objects.filter(event__kind="case.submitted").exists()
