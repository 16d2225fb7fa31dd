"""One press fills in what the control requires or a pasted refusal says; nothing is saved, nothing overwritten."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils.timezone import localdate

from accounts.errors import NotPossible
from audit import clock
from audit.models import Event, EventPayload
from catalog import services as catalog
from catalog.models import Control, Identity, SafeguardKind, Tier
from exceptions_app import ask, services
from exceptions_app.models import ExceptionCase
from exceptions_app.services.content import SafeguardContent
from portal.exception_form.forms import MOST_SENT
from tests.exceptions_app.world import DAY, START, World, fresh
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


def make_world():
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


def test_a_text_is_begun_as_its_control_suggests_where_nothing_is_written(alice, world):
    page = alice.post(reverse("exception_new_hints"), EMPTY | {"control": world.control.code, "blocked": "403"})
    assert 'value="section:exit_plan"' in page.text
    assert "“Rotate, then remove.”" in page.text
    assert 'value="section:blocked"' not in page.text

    filled = press(alice, "section:exit_plan", control=world.control.code)
    kept = press(alice, "section:blocked", control=world.control.code, blocked="The vault said 403")

    assert value(filled, "exit_plan") == "Rotate, then remove."
    assert value(kept, "blocked") == "The vault said 403"


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

    assert (value(filled, "blocked"), value(filled, "grants-0-resource")) == (f"Mine\n\n{DENIED}", "kv/mine")
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

    alice.post(reverse("exception_new"), fields | {"act": act, "refusal": LEAKY if act == "autosave" else ""})

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


@pytest.mark.parametrize("fill", ["", "condition:9", "condition:x", "safeguard:moat", "resource:x:y", "section:title"])
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


# From an earlier case


def granted(world, **fields):
    """A case of Alice's for the same control and identity that was approved, which says how it was."""
    return world.approved(
        safeguards=[NETWORK], normal_path="The vendor reads a file", exit_plan="Version 9 reads the vault", **fields
    )


def access(case):
    """The first grant of the case, as the form sends it."""
    grant = case.grants.first()
    return {
        "grants-TOTAL_FORMS": "1",
        "grants-0-system": grant.system.name,
        "grants-0-actions": ", ".join(grant.actions),
        "grants-0-resource": "elsewhere",
    }


def lent(client, asked):
    """The references of the cases whose words are offered for these answers."""
    page = client.post(reverse("exception_new_hints"), EMPTY | asked).text
    return re.findall(r'value="like:([^"]+)"', page)


def test_an_earlier_granted_case_lends_what_holds_again_where_nothing_is_written(alice, world):
    before = granted(world)
    asked = {"control": world.control.code, "identity": world.identity.slug, "exit_plan": "Gone by May"} | access(
        before
    )

    page = press(alice, f"like:{before.reference}", **asked)

    assert f'value="like:{before.reference}"' in alice.post(reverse("exception_new_hints"), EMPTY | asked).text
    assert value(page, "normal_path") == "The vendor reads a file"
    assert value(page, "exit_plan") == "Gone by May", "what is written stays"
    assert (value(page, "likelihood"), value(page, "impact")) == ("2", "3")
    assert value(page, "safeguards-0-kind") == NETWORK.kind
    assert value(page, "safeguards-0-description") == NETWORK.description
    assert value(page, "justification") in {"", None}, "why it is needed is said anew"
    said = (
        f"Taken from {before.reference}, for you to read since you ask with it now: why the normal path is unavailable"
    )
    assert said in page.text


def test_what_an_earlier_case_would_fill_in_is_read_before_the_press(alice, world):
    before = granted(world)
    asked = {"control": world.control.code, "identity": world.identity.slug, "impact": "1"} | access(before)

    page = alice.post(reverse("exception_new_hints"), EMPTY | asked)
    offers = page.context["hints"].offers["safeguards"]
    lines = next(offer.lines for offer in offers if offer.value == f"like:{before.reference}")

    assert ("Why the normal path is unavailable", "The vendor reads a file") in lines
    assert ("Network restriction", NETWORK.description) in lines
    assert dict(lines)["How likely is harm"] == "2 · Unlikely"
    assert "How bad would it be" not in dict(lines), "the impact is given already"


@pytest.mark.parametrize("other", ["system", "actions"])
def test_sentences_about_other_access_are_not_lent(alice, world, other):
    before = granted(world)
    world.make_system("Shop")
    asked = access(before) | {f"grants-0-{other}": "Shop"}

    page = press(alice, f"like:{before.reference}", control=world.control.code, identity=world.identity.slug, **asked)

    assert value(page, "normal_path") in {"", None}
    assert value(page, "safeguards-0-description") in {"", None}
    assert (value(page, "safeguards-0-kind"), value(page, "likelihood")) == (NETWORK.kind, "2"), "these are"


def test_what_an_earlier_case_says_word_for_word_is_named_until_it_is_said_anew(alice, world):
    before = granted(world)
    asked = {"control": world.control.code, "identity": world.identity.slug, "normal_path": " The vendor reads a file "}

    page = alice.post(reverse("exception_new_hints"), EMPTY | asked)
    anew = alice.post(reverse("exception_new_hints"), EMPTY | asked | {"normal_path": "Their API has no roles."})

    assert [(echo.href, echo.case) for echo in page.context["hints"].repeated] == [("id_normal_path", before)]
    assert "is word for word as in" in page.text
    assert anew.context["hints"].repeated == []


def test_the_day_the_term_is_over_is_offered_as_the_day_its_cause_is_mended(alice, world):
    asked = {"control": world.control.code, "identity": world.identity.slug, "term_days": "9"}
    day = localdate(clock.now()) + timedelta(days=9)
    assert f'value="mended:{day}"' in alice.post(reverse("exception_new_hints"), EMPTY | asked).text

    filled = press(alice, f"mended:{day}", **asked)

    assert value(filled, "remediation_on") == f"{day}"
    assert 'value="mended:' not in filled.text
    assert value(press(alice, "mended:soon", **asked), "remediation_on") in {"", None}


def test_what_opened_the_same_system_is_offered_before_what_is_newer(alice, world):
    same, other = world.make_system("Lake"), world.make_system("Shop")
    before = granted(world, grants=[world.grant(system=same)])
    later = granted(world, at=START + DAY, grants=[world.grant(system=other)], identity=world.make_identity("another"))
    asked = {"control": world.control.code, "identity": world.make_identity("new-one").slug}

    assert lent(alice, asked | access(later)) == [later.reference]
    assert lent(alice, asked | access(before)) == [before.reference]


def test_of_two_cases_filed_in_one_instant_the_later_one_lends(alice, world):
    granted(world)
    latest = granted(world, identity=world.make_identity("another"), grants=[world.grant("kv/shop/key")])
    asked = {"control": world.control.code, "identity": world.make_identity("new-one").slug}

    assert lent(alice, asked) == [latest.reference]


def test_of_controls_about_access_the_one_most_asked_for_such_identities_comes_first(alice, world):
    catalog.load_frameworks(actor=None, at=START)
    about = ["owasp-nhi-2025:NHI5:2025"]
    for code in ("NHI-AGT-01", "NHI-LPR-01"):
        world.make_control(code, answers_to=about)
    rights = Control.objects.get(code="NHI-LPR-01")
    world.requested(control=rights, identity=world.make_identity("another"))
    asked = {"identity": world.make_identity("new-one").slug, "blocked": DENIED}

    page = alice.post(reverse("exception_new_hints"), EMPTY | asked).text

    assert re.findall(r'value="control:([^"]+)"', page) == ["NHI-LPR-01"], "no agent was ever denied like this"


@pytest.mark.parametrize("end", ["rejected", "withdrawn", "requested"])
def test_a_case_that_was_never_granted_lends_nothing(alice, world, end):
    before = getattr(world, end)(safeguards=[NETWORK])
    asked = {"control": world.control.code, "identity": world.identity.slug}

    page = press(alice, f"like:{before.reference}", **asked)

    assert "like:" not in alice.post(reverse("exception_new_hints"), EMPTY | asked).text
    assert value(page, "normal_path") in {"", None}


def test_a_case_one_may_not_see_lends_nothing(client, world):
    before = granted(world)
    client.force_login(world.mallory)

    page = press(client, f"like:{before.reference}", control=world.control.code, identity=world.identity.slug)

    assert value(page, "normal_path") in {"", None}
    assert before.reference not in page.text


def test_a_gap_in_an_offered_text_has_to_be_filled(alice, world):
    catalog.change_control(
        control=world.control, version=2, actor=None, at=START, prefills={"exit_plan": "Role … comes by …."}
    )
    asked = {"control": world.control.code, "identity": world.identity.slug}

    page = alice.post(reverse("exception_new_hints"), EMPTY | asked | {"exit_plan": "Role erp comes by …."}).text
    done = alice.post(reverse("exception_new_hints"), EMPTY | asked | {"exit_plan": "Role erp comes by May."}).text

    assert "Write your own words where “…” stands." in page
    assert "Write your own words" not in done


def test_words_typed_for_a_control_bring_those_they_fit(alice, world):
    for number in (1, 2):
        world.make_control(f"NHI-RIG-0{number}", title=f"Rights are narrow, part {number}")

    page = alice.post(reverse("exception_new_hints"), EMPTY | {"control": "rights"}).text

    assert 'value="control:NHI-RIG-01"' in page
    assert 'value="control:NHI-RIG-02"' in page


def test_a_system_is_known_by_a_word_of_the_path(alice, world):
    catalog.create_system(name="Data lake", slug="lake", environment="production", criticality=2, actor=None, at=START)

    page = press(alice, "refusal", refusal=DENIED.replace("kv/prod/erp/key", "arn:aws:s3:::norrsken-lake/raw/a"))

    assert value(page, "grants-0-system").startswith("Data lake")


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
    page = alice.get(reverse("draft", args=[case.reference])).text
    assert "Alice asks you to complete this draft" in page
    assert "Scope is missing" in page


def test_only_its_owner_reads_that_they_are_asked_and_only_until_it_is_submitted(alice, world):
    case = world.draft(safeguards=[NETWORK])
    alice.post(reverse("case_sharing", args=[case.reference]), {"note": "Scope is missing"})
    assert "asks you to complete" not in alice.get(reverse("draft", args=[case.reference])).text

    case = world.submit(case, START)
    services.ask_for_changes(case=case, actor=world.bob, at=START, digest=ask.digest(fresh(case)), reason="Too wide.")
    alice.force_login(world.olga)

    page = alice.get(reverse("draft", args=[case.reference])).text
    assert "asked for changes" in page
    assert "asks you to complete" not in page


def test_a_draft_is_shared_with_somebody_else(alice, world):
    case = world.draft(owner=world.alice)

    response = alice.post(reverse("case_sharing", args=[case.reference]))

    assert response.status_code == 403
    assert not Event.objects.filter(kind="case.shared").exists()


def test_a_message_names_the_request_and_the_page_leads_to_what_is_left(alice, world):
    catalog.change_identity(identity=world.identity, version=1, actor=None, at=START, external_ids=[ARN])

    filled = press(alice, "refusal", refusal=DENIED)

    assert value(filled, "title") == "erp-sync needs secretsmanager:GetSecretValue on kv/prod/erp/key"
    assert 'id="filled"' in filled.text
    assert DENIED not in filled.text.partition('id="id_refusal"')[2].partition("</textarea>")[0]


def told(page, name):
    """Whether the field of this name is left out of the short form."""
    before = page.text.partition(f'id="id_{name}"')[0]
    return re.findall(r'<(?:div|fieldset) class="field([^"]*)"', before)[-1].endswith("told")


def test_after_a_message_only_what_it_left_to_be_said_is_shown(alice, world):
    catalog.change_identity(identity=world.identity, version=1, actor=None, at=START, external_ids=[ARN])

    page = press(alice, "refusal", refusal=DENIED)

    assert [told(page, name) for name in ("title", "identity", "ticket_ref")] == [True] * 3
    assert [told(page, name) for name in ("control", "exit_plan", "term_days")] == [False] * 3
    assert 'name="short" id="id_short" checked' in page.text
    assert "erp-sync may secretsmanager:GetSecretValue kv/prod/erp/key" in page.text, "what was recognised is read"


def test_what_was_left_to_be_said_stays_in_sight_when_it_is_said(alice, world):
    left = {"left": "exit_plan control", "short": "on", "exit_plan": "Gone by May", "title": ""}

    page = press(alice, f"control:{world.control.code}", **left)
    whole = press(alice, f"control:{world.control.code}", left="exit_plan")

    assert not told(page, "exit_plan")
    assert not told(page, "title"), "it turned out to be missing"
    assert told(page, "ticket_ref")
    assert not whole.context["left_to_say"].is_short, "an unchecked box is not sent"


def test_a_form_that_began_without_a_message_shows_all_its_fields(alice, world):
    page = press(alice, f"control:{world.control.code}")

    assert page.context.get("left_to_say") is None
    assert 'name="short"' not in page.text


def test_a_temporary_session_is_not_recorded_as_a_long_lived_secret(alice, world):
    catalog.change_identity(identity=world.identity, version=1, actor=None, at=START, external_ids=[ARN])

    page = press(alice, "refusal", refusal=DENIED)

    assert not value(page, "credential_form")
    assert "A temporary session was refused" in page.text
    assert not told(page, "credential_form")
    chosen = press(alice, "credential:jit_credential", identity=world.identity.slug, blocked=DENIED)
    assert value(chosen, "credential_form") == "jit_credential"
    assert 'value="credential:' not in chosen.text


@pytest.mark.parametrize("act", ["save", "submit"])
def test_a_message_nobody_took_over_is_before_anything_is_saved(alice, world, act):
    shown = alice.post(reverse("exception_new"), EMPTY | {"act": act, "refusal": DENIED, "title": "Mine"})

    assert (value(shown, "title"), value(shown, "blocked")) == ("Mine", DENIED)
    assert value(shown, "grants-0-resource") == "kv/prod/erp/key"
    assert not ExceptionCase.objects.exists()


def test_a_second_message_about_another_identity_changes_neither_identity_nor_credential(alice, world):
    other = world.make_identity("payments")
    catalog.change_identity(identity=world.identity, version=1, actor=None, at=START, external_ids=[ARN])

    filled = press(alice, "refusal", refusal=DENIED, identity=other.slug)

    assert (value(filled, "identity"), value(filled, "credential_form")) == (other.slug, None)
    assert "the form names another identity" in filled.context["filled"]


def test_a_control_is_proposed_by_what_the_identity_was_excepted_from(alice, world):
    world.requested(safeguards=[NETWORK])
    asked = {"identity": world.identity.slug}

    page = alice.post(reverse("exception_new_hints"), EMPTY | asked)
    assert f'value="control:{world.control.code}"' in page.text
    filled = press(alice, f"control:{world.control.code}", **asked)

    assert world.control.code in value(filled, "control")
    assert 'value="control:' not in filled.text


def test_controls_of_cases_one_may_not_see_are_not_proposed(client, world):
    world.requested(safeguards=[NETWORK])
    client.force_login(world.mallory)

    page = client.post(reverse("exception_new_hints"), EMPTY | {"identity": world.identity.slug})

    assert 'value="control:' not in page.text


def test_a_term_within_the_caps_is_one_press_and_says_when_its_cause_is_mended(alice, world):
    asked = {"control": world.control.code, "identity": world.identity.slug, "likelihood": "2", "impact": "2"}
    page = alice.post(reverse("exception_new_hints"), EMPTY | asked)
    assert 'value="term:14"' in page.text

    filled = press(alice, "term:14", **asked)
    kept = press(alice, "term:14", **asked, remediation_on="2030-01-02")

    assert value(filled, "term_days") == "14"
    assert value(filled, "remediation_on") == f"{localdate(clock.now()) + timedelta(days=14)}"
    assert value(kept, "remediation_on") == "2030-01-02"


def test_the_identitys_owner_is_named_with_one_press(alice, world):
    catalog.change_identity(identity=world.identity, version=1, actor=None, at=START, owner=world.olive)
    asked = {"identity": world.identity.slug, "owner": world.alice.email}
    page = alice.post(reverse("exception_new_hints"), EMPTY | asked)
    assert 'value="owner"' in page.text

    assert world.olive.email in value(press(alice, "owner", **asked), "owner")


def test_the_credential_is_the_identitys_where_none_is_said(alice, world):
    alice.post(reverse("exception_new"), EMPTY | {"act": "save", "identity": world.identity.slug})

    assert ExceptionCase.objects.get().credential_form == world.identity.credential_form != ""


@pytest.mark.parametrize("fill", ["safeguard:monitoring", "refusal"])
def test_a_form_that_claims_millions_of_rows_is_shown_again_at_once(alice, fill):
    claimed = EMPTY | {"safeguards-TOTAL_FORMS": "20000000", "grants-TOTAL_FORMS": "20000000"}

    shown = alice.post(reverse("exception_new"), claimed | {"fill": fill, "refusal": DENIED})

    assert len(shown.context["sheet"].safeguards.forms) <= MOST_SENT


@pytest.mark.parametrize("strange", ["\\ud800", "\\u0000"])
def test_letters_no_database_takes_are_left_out_of_what_a_message_says(alice, strange):
    event = '{"errorCode": "AccessDenied", "eventName": "GetObject", "eventSource": "s3.amazonaws.com", '
    event += f'"userIdentity": {{"arn": "arn:aws:iam::1:role/e{strange}rp"}}}}'

    assert press(alice, "refusal", refusal=event).status_code == 200
