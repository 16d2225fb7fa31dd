"""One press fills in what the control requires or a pasted refusal says; nothing is saved, nothing overwritten."""

import pytest
from django.urls import reverse

from accounts.errors import NotPossible
from audit.models import Event, EventPayload
from catalog import services as catalog
from catalog.models import Identity, SafeguardKind, Tier
from exceptions_app.models import ExceptionCase
from exceptions_app.services.content import SafeguardContent
from tests.exceptions_app.world import START, World
from workflows import effects
from workflows.models import Effect

pytestmark = pytest.mark.django_db

ARN = "arn:aws:iam::123456789012:role/erp-sync"
DENIED = (
    "An error occurred (AccessDenied) when calling the GetSecretValue operation: User: "
    "arn:aws:sts::123456789012:assumed-role/erp-sync/i-0abc is not authorized to perform: "
    "secretsmanager:GetSecretValue on resource: kv/prod/erp/key because no policy allows it"
)
SECRET = "hvs" + ".CAESIJx0aLk9QWERTYuiopCAESIJ"
LEAKY = f"{DENIED}\nX-Vault-Token: {SECRET}"
NETWORK = SafeguardContent(SafeguardKind.NETWORK, "Only the ERP's subnet is let in", required=True)
EMPTY = {
    "grants-TOTAL_FORMS": "1",
    "grants-INITIAL_FORMS": "0",
    "safeguards-TOTAL_FORMS": "1",
    "safeguards-INITIAL_FORMS": "0",
}


@pytest.fixture
def world():
    world = World()
    catalog.change_control(
        control=world.control,
        version=1,
        actor=None,
        at=START,
        required_safeguards={SafeguardKind.NETWORK.value: Tier.LOW.value},
        end_conditions=["The vendor's patch is in", "The key is seen elsewhere: revoke"],
        guidance={"": "Ask for less.", "service_account": "Name its host.", "ai_agent": "Name its tools."},
        prefills={"exit_plan": "Rotate, then remove.", "blocked": "Says who?"},
    )
    return world


@pytest.fixture
def alice(client, world):
    client.force_login(world.alice)
    return client


def press(client, fill, **fields):
    return client.post(reverse("exception_new"), EMPTY | fields | {"fill": fill})


def value(response, name):
    sheet = response.context["sheet"]
    prefix, _dash, rest = name.partition("-")
    if prefix in {"grants", "safeguards"}:
        row, _dash, field = rest.partition("-")
        return getattr(sheet, prefix)[int(row)][field].value()
    return sheet.ask[name].value()


def test_a_required_safeguard_is_one_press_away(alice, world):
    asked = {"control": world.control.code, "identity": world.identity.slug}
    page = alice.post(reverse("exception_new_hints"), EMPTY | asked)
    assert 'value="safeguard:network"' in page.text

    filled = press(alice, "safeguard:network", **asked)

    assert (value(filled, "safeguards-0-kind"), value(filled, "safeguards-0-required")) == ("network", True)
    assert not ExceptionCase.objects.exists()
    assert 'value="safeguard:network"' not in filled.text


def test_a_written_safeguard_is_left_and_another_row_added(alice, world):
    filled = press(
        alice,
        "safeguard:network",
        control=world.control.code,
        **{"safeguards-0-kind": "logging", "safeguards-0-description": "We log."},
    )

    assert value(filled, "safeguards-0-description") == "We log."
    assert value(filled, "safeguards-1-kind") == "network"


def test_a_request_without_a_required_safeguard_is_refused_and_says_which(world):
    draft = world.draft()

    with pytest.raises(NotPossible) as refused:
        world.submit(draft, START)

    assert "requires a safeguard of the kind “Network restriction” at moderate risk" in str(refused.value)


def test_an_end_condition_is_added_to_what_is_written(alice, world):
    filled = press(alice, "condition:1", control=world.control.code, if_conditions_change="Call us.")

    assert value(filled, "if_conditions_change") == "Call us.\nThe key is seen elsewhere: revoke"


def test_sections_are_filled_where_they_are_empty(alice, world):
    filled = press(alice, "sections", control=world.control.code, blocked="The vault said 403")

    assert (value(filled, "blocked"), value(filled, "exit_plan")) == ("The vault said 403", "Rotate, then remove.")


def test_advice_is_for_the_kind_of_identity(alice, world):
    asked = {"control": world.control.code, "identity": world.identity.slug}

    text = alice.post(reverse("exception_new_hints"), EMPTY | asked).text

    assert "Ask for less." in text
    assert "Name its host." in text
    assert "Name its tools." not in text


def test_a_refusal_fills_identity_actions_resource_and_system(alice, world):
    identity = catalog.change_identity(identity=world.identity, version=1, actor=None, at=START, external_ids=[ARN])
    catalog.change_system(system=world.system, version=1, actor=None, at=START, tags=["aws"])

    filled = press(alice, "refusal", refusal=DENIED)

    assert value(filled, "identity").startswith(identity.slug)
    assert value(filled, "credential_form") == identity.credential_form
    assert value(filled, "grants-0-actions") == "secretsmanager:GetSecretValue"
    assert value(filled, "grants-0-resource") == "kv/prod/erp/key"
    assert value(filled, "grants-0-system").startswith("Vault")
    assert value(filled, "blocked") == DENIED
    assert "Recognised as AWS" in filled.text


def test_a_refusal_of_somebody_unknown_says_so(alice, world):
    filled = press(alice, "refusal", refusal=DENIED)

    assert not value(filled, "identity") or Identity.objects.filter(slug="erp-sync").exists()
    assert "Recognised as AWS" in filled.text


def test_what_is_not_recognised_stands_as_what_was_blocked(alice, world):
    filled = press(alice, "refusal", refusal="computer says no")

    assert value(filled, "blocked") == "computer says no"
    assert "Nothing in it was recognised" in filled.text


def test_nothing_written_is_overwritten_by_a_refusal(alice, world):
    filled = press(alice, "refusal", refusal=DENIED, blocked="Mine", **{"grants-0-resource": "kv/mine"})

    assert (value(filled, "blocked"), value(filled, "grants-0-resource")) == ("Mine", "kv/mine")
    assert value(filled, "grants-1-resource") == "kv/prod/erp/key"


def test_a_secret_in_a_refusal_is_masked_and_said(alice, world):
    filled = press(alice, "refusal", refusal=LEAKY)

    assert value(filled, "blocked") == f"{DENIED}\nX-Vault-Token: [masked]"
    assert "1 secret was masked: a Vault token." in filled.text
    assert SECRET not in filled.text


def test_a_secret_in_what_is_not_recognised_is_masked_too(alice, world):
    filled = press(alice, "refusal", refusal=f"computer says no to {SECRET}")

    assert value(filled, "blocked") == "computer says no to [masked]"
    assert SECRET not in filled.text


@pytest.mark.parametrize("act", ["save", "autosave"])
def test_a_secret_in_a_refusal_is_in_no_draft_no_history_and_no_ledger(alice, world, act):
    filled = press(alice, "refusal", refusal=LEAKY, title="Mine")
    sheet = filled.context["sheet"]
    fields = EMPTY | {
        "title": "Mine",
        "blocked": value(filled, "blocked"),
        "version": sheet.ask["version"].value() or "",
    }

    alice.post(reverse("exception_new"), fields | {"act": act, "refusal": LEAKY})

    case = ExceptionCase.objects.get()
    kept = [
        *ExceptionCase.history.values(),
        *Event.objects.values(),
        *EventPayload.objects.values(),
        *alice.session.items(),
    ]
    assert case.blocked.endswith("X-Vault-Token: [masked]")
    assert SECRET not in "".join(map(str, kept))


def test_a_refusal_sent_after_the_sign_in_lapsed_is_not_kept(alice, world):
    writer = alice.get(reverse("exception_new")).context["sheet"].ask["writer"].value()
    alice.logout()

    press(alice, "refusal", refusal=LEAKY, writer=writer, title="Mine")

    kept = str(dict(alice.session.items()))
    assert "Mine" in kept
    assert SECRET not in kept


@pytest.mark.parametrize("fill", ["", "condition:9", "condition:x", "safeguard:moat", "resource:x:y", "sections"])
def test_a_button_that_fits_nothing_changes_nothing(alice, fill):
    filled = press(alice, fill, title="Mine")

    assert value(filled, "title") == "Mine"
    assert not ExceptionCase.objects.exists()


def test_a_whole_path_is_answered_with_what_was_enough_before(alice, world):
    world.requested(grants=[world.grant("kv/erp/key")], safeguards=[NETWORK])
    asked = {
        "control": world.control.code,
        "identity": world.identity.slug,
        "grants-0-resource": "kv/*",
        "grants-0-actions": "read",
    }

    text = alice.post(reverse("exception_new_hints"), EMPTY | asked).text
    filled = press(alice, "resource:0:kv/erp/key", **asked)

    assert 'value="resource:0:kv/erp/key"' in text
    assert value(filled, "grants-0-resource") == "kv/erp/key"


def test_a_duplicate_in_flight_is_told_first(alice, world):
    case = world.requested(safeguards=[NETWORK])
    asked = {"control": world.control.code, "identity": world.identity.slug}

    page = alice.post(reverse("exception_new_hints"), EMPTY | asked)

    assert page.context["hints"].duplicate == case
    assert "This is asked for already" in page.text


def test_the_vendor_of_an_identity_is_told_with_its_onboarding(alice, world):
    vendor = catalog.create_vendor(name="Skanna", actor=None, at=START, onboarding_ref="TPRM-7")
    identity = world.make_identity("scanner", vendor=vendor)

    text = alice.post(reverse("exception_new_hints"), EMPTY | {"identity": identity.slug}).text

    assert "TPRM-7" in text


# Sharing


def test_a_draft_is_shared_with_its_owner_who_is_told(alice, world):
    case = world.draft()

    response = alice.post(reverse("case_sharing", args=[case.reference]), {"note": "Scope is missing"})

    event = Event.objects.get(kind="case.shared")
    assert response.url == reverse("draft", args=[case.reference])
    assert event.body == {"owner": [str(world.olga.pseudonym)], "reason": "Scope is missing"}
    while effects.dispatch(at=START):
        pass
    assert Effect.objects.filter(reaction="ask_to_complete").count() == 1
    alice.force_login(world.olga)
    assert case.reference in alice.get(reverse("home")).text
    assert alice.get(reverse("draft", args=[case.reference])).status_code == 200


def test_a_draft_is_shared_with_somebody_else(alice, world):
    case = world.draft(owner=world.alice)

    response = alice.post(reverse("case_sharing", args=[case.reference]))

    assert response.status_code == 403
    assert not Event.objects.filter(kind="case.shared").exists()
