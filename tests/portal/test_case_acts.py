"""Deciding, ending, verifying and confirming through the pages: both verbs, every refusal, and no text lost."""

import re
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog import services as catalog
from exceptions_app import ask, services
from tests.exceptions_app.world import DAY, World, fresh

WORDS = "A stolen key would work for a month; the alert limits that."
DEEDS = ("approval", "rejection", "changes", "completion", "revocation", "suspension", "resumption")


def make_world():
    return World(at=datetime.now(UTC) - DAY)


def go(client, user, case, deed, **data):
    """GET without data, else POST."""
    client.force_login(user)
    path = f"/exceptions/{case.reference}/{deed}/"
    return client.post(path, data) if data else client.get(path)


def shown_digest(case):
    return ask.digest(fresh(case))


@pytest.mark.parametrize("deed", DEEDS)
def test_every_act_turns_away_whom_it_must(client, world, deed):
    """In the state that allows the act: a stranger learns nothing, an auditor and a bystander are told why."""
    state = {"completion": "active", "revocation": "active", "suspension": "active", "resumption": "suspended"}
    case = getattr(world, state.get(deed, "requested"))()
    path = f"/exceptions/{case.reference}/{deed}/"

    assert client.get(path)["Location"] == f"/accounts/login/?next={path}"
    assert client.post(path)["Location"] == f"/accounts/login/?next={path}"
    for verb in ({}, {"reason": "x"}):
        assert go(client, world.mallory, case, deed, **verb).status_code == 404
        response = go(client, world.audrey, case, deed, **verb)
        assert response.status_code == 403
        assert "Auditors read everything and change nothing." in response.content.decode()
    assert fresh(case).state == case.state


def test_lapsed_sign_in_leads_back_to_where_the_text_was_written(client, world):
    case = world.requested()
    path = f"/exceptions/{case.reference}/approval/"

    lapsed = client.post(path, {"statement": WORDS}, headers={"Referer": "http://testserver/queue/?open=EXC-1"})
    foreign = client.post(path, {"statement": WORDS}, headers={"Referer": "https://elsewhere.example/"})

    assert lapsed["Location"] == "/accounts/login/?next=/queue/%3Fopen%3DEXC-1"
    assert foreign["Location"] == f"/accounts/login/?next={path}"


def test_approver_accepts_the_risk_in_words_and_role(client, world):
    case = world.requested()

    form = go(client, world.bob, case, "approval")
    assert form.status_code == 200
    assert form.context["form"].initial.pop("shown")
    assert form.context["form"].initial == {
        "digest": shown_digest(case),
        "capacity": "Identity approvers",
        "origin": "",
    }
    answer = go(
        client, world.bob, case, "approval", digest=shown_digest(case), statement=WORDS, capacity="Identity approvers"
    )

    assert answer["Location"] == f"/exceptions/{case.reference}/"
    assert fresh(case).state == "approved"
    decision = fresh(case).routes.get().steps.get().decisions.get()
    assert (decision.person, decision.statement, decision.capacity) == (world.bob, WORDS, "Identity approvers")
    assert "You approved" in client.get(answer["Location"]).content.decode()


def test_whoever_gains_is_refused_and_keeps_the_text(client, world):
    case = world.requested()

    bare = go(client, world.alice, case, "approval")
    written = go(client, world.alice, case, "approval", digest="x", statement=WORDS, capacity="Me")

    assert bare.status_code == written.status_code == 403
    assert "someone else decides" in bare.content.decode()
    assert WORDS in written.content.decode()


def test_buttons_say_what_happens(client, world):
    case = world.requested()

    labels = {"approval": "Approve for 30 days", "rejection": "Reject", "changes": "Ask for changes"}

    for deed, label in labels.items():
        page = go(client, world.bob, case, deed).content.decode()
        assert [other for other in labels.values() if f">{other}</button>" in page] == [label]


def test_empty_answer_says_what_is_missing(client, world):
    case = world.requested()

    response = go(client, world.bob, case, "rejection", digest=shown_digest(case), reason=" ")

    assert "Say why you reject this, so that the requester can act on it." in response.content.decode()
    assert fresh(case).state == "requested"


def test_changed_request_is_shown_anew_with_the_text_kept(client, world):
    case = world.requested()
    seen = shown_digest(case)
    services.amend(
        case=case,
        actor=world.alice,
        at=world.start,
        version=fresh(case).version,
        content=world.content(justification="Invoices and wages stop if the sync stops."),
        router=world.router,
    )

    stale = go(client, world.bob, case, "approval", digest=seen, statement=WORDS, capacity="Identity approvers")

    assert stale.status_code == 409
    page = stale.content.decode()
    assert re.search(r"<ins>\s*and wages\s*</ins>", page)
    assert WORDS in page
    assert stale.context["form"].data["digest"] == shown_digest(case) != seen
    assert fresh(case).state == "requested"
    again = go(client, world.bob, case, "approval", **stale.context["form"].data.dict())
    assert again.status_code == 302
    assert fresh(case).state == "approved"


def test_changed_catalog_facts_are_named(client, world):
    case = world.requested()
    seen = shown_digest(case)
    identity = fresh(case.identity)
    catalog.change_identity(
        identity=identity, version=identity.version, actor=None, at=world.start, vendor_name="Acme Ltd"
    )

    stale = go(client, world.bob, case, "approval", digest=seen, statement=WORDS, capacity="x")

    assert [(change.label, change.after) for change in stale.context["changes"]] == [("Identity: Vendor", "Acme Ltd")]


def test_decision_too_late_says_so_and_keeps_the_text(client, world):
    case = world.requested(world.start - 5 * DAY)

    response = go(client, world.bob, case, "rejection", digest=shown_digest(case), reason=WORDS)

    assert response.status_code == 409
    assert "The time to decide has passed; this request lapses." in response.content.decode()
    assert WORDS in response.content.decode()


def test_reject_and_ask_for_changes(client, world):
    rejected, returned = world.requested(), world.requested(identity=world.make_identity("b"))

    go(client, world.bob, rejected, "rejection", digest=shown_digest(rejected), preset="too_wide", reason="Too wide.")
    back = go(
        client, world.bob, returned, "changes", digest=shown_digest(returned), reason="Narrow it.", origin="queue"
    )

    assert fresh(rejected).state == "rejected"
    assert fresh(returned).state == "draft"
    assert back["Location"] == "/queue/"


def test_impossible_state_is_a_conflict_not_an_error(client, world):
    case = world.draft()
    bare = go(client, world.olga, case, "completion")
    assert bare.status_code == 409
    assert f"{case.reference} is draft; this is no longer possible." in bare.content.decode()


def test_owner_ends_early_and_approver_suspends_then_lets_resume(client, world):
    case = world.active()
    go(client, world.connie, case, "suspension", reason="Odd calls.")
    assert fresh(case).state == "suspended"
    assert go(client, world.olga, case, "resumption", reason="Mine.").status_code == 403
    go(client, world.connie, case, "resumption", reason="The calls were ours.")
    assert fresh(case).state == "active"
    go(client, world.olga, case, "completion", reason="Patched.")
    assert fresh(case).end_reason == "completed"


def test_revocation_needs_the_reference_typed(client, world):
    case = world.active()

    wrong = go(client, world.connie, case, "revocation", reason="Key leaked.", confirm="EXC-1")
    assert "Nothing was revoked." in wrong.content.decode()
    assert "Key leaked." in wrong.content.decode()
    assert fresh(case).state == "active"
    go(client, world.connie, case, "revocation", reason="Key leaked.", confirm=f" {case.reference.lower()} ")
    assert fresh(case).state == "revoked"


def test_witness_verifies_a_safeguard_with_a_link(client, world):
    case = world.requested()
    safeguard = case.safeguards.get()
    deed = f"safeguards/{safeguard.pk}/verification"

    assert go(client, world.alice, case, deed).status_code == 403
    assert go(client, world.bob, case, "safeguards/0/verification").status_code == 404
    assert go(client, world.bob, case, deed).status_code == 200
    seen = ask.digest_of_safeguard(safeguard)
    go(client, world.bob, case, deed, digest=seen, statement="It fired.", url="https://alerts.example/42")

    safeguard = fresh(safeguard)
    assert (safeguard.verified_by, safeguard.evidence.url) == (world.bob, "https://alerts.example/42")


def test_refused_evidence_leaves_nothing_behind(client, world):
    case = world.requested()
    safeguard = case.safeguards.get()
    program = SimpleUploadedFile("alert.exe", b"MZ\x00\x01" * 50)
    deed, seen = f"safeguards/{safeguard.pk}/verification", ask.digest_of_safeguard(safeguard)

    response = go(client, world.bob, case, deed, digest=seen, statement="It fired.", upload=program)

    assert response.status_code == 409
    assert "This type of file is not accepted." in response.content.decode()
    assert "It fired." in response.content.decode()
    assert fresh(safeguard).verified_at is None
    assert not case.evidence.exists()


def test_removal_is_confirmed_as_the_credential_demands(client, world):
    case = world.revoked()
    grant = case.grants.get()
    deed = f"grants/{grant.pk}/removal"

    assert go(client, world.olga, case, deed).status_code == 403
    form = go(client, world.sven, case, deed)
    assert "The secret was rotated or deleted" in form.content.decode()
    assert "certificate was revoked" not in form.content.decode()
    log = SimpleUploadedFile("vault.log", b"rotated to version 14\n")
    go(client, world.sven, case, deed, how="secret_rotated", note="Version 14.", upload=log)

    grant = fresh(grant)
    assert (grant.removal_state, grant.removal_confirmed_by) == ("confirmed", world.sven)
    assert grant.removal_evidence.title == "vault.log"


def test_a_removal_confirmed_twice_leaves_one_file_behind(client, world, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    case = world.revoked(grants=[world.grant("kv/erp/key"), world.grant("kv/close/key")])
    deed = f"grants/{case.grants.earliest('pk').pk}/removal"

    statuses = []
    for _press in range(2):
        log = SimpleUploadedFile("vault.log", b"rotated to version 14\n")
        statuses.append(go(client, world.sven, case, deed, how="secret_rotated", upload=log, note="14.").status_code)

    assert statuses == [302, 409]
    assert [path.name for path in tmp_path.rglob("*.txt")] == [case.evidence.get().file.name.rpartition("/")[2]]


def test_what_counts_as_removed_is_said_where_there_is_no_choice(client, world):
    case = world.revoked()
    grant = case.grants.get()

    form = go(client, world.sven, case, f"grants/{grant.pk}/removal").content.decode()

    assert '<input type="hidden" name="how" value="secret_rotated"' in form
    assert 'type="radio"' not in form
    assert "You confirm:" in form


def test_each_confirmation_says_what_is_left(client, world):
    case = world.revoked(grants=[world.grant("kv/erp/key"), world.grant("kv/close/key")])
    first, last = case.grants.order_by("pk")

    client.force_login(world.sven)
    told = [
        client.post(f"/exceptions/{case.reference}/grants/{grant.pk}/removal/", {"how": "secret_rotated"}, follow=True)
        for grant in (first, last)
    ]

    assert "kv/erp/key is confirmed removed. 1 grant still waits for a confirmation." in told[0].content.decode()
    assert "kv/close/key is confirmed removed. All access is gone." in told[1].content.decode()


def test_each_verification_says_what_is_left(client, world):
    case = world.requested(safeguards=[world.safeguard("One", required=True), world.safeguard("Two", required=True)])

    client.force_login(world.bob)
    told = [
        client.post(
            f"/exceptions/{case.reference}/safeguards/{guard.pk}/verification/",
            {"statement": "Seen.", "digest": ask.digest_of_safeguard(guard)},
            follow=True,
        ).content.decode()
        for guard in case.safeguards.order_by("pk")
    ]

    assert "1 required safeguard is still to be verified." in told[0]
    assert "Every required safeguard is verified." in told[1]
