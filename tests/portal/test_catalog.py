"""The catalog's pages: everyone reads, programme managers change, nothing is overwritten unseen."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts import services as people
from audit import clock
from audit.models import Event
from catalog import services
from catalog.models import Control, CredentialForm, Environment, Identity, IdentityKind, System, Tier
from portal.catalog import listing
from tests.accounts.asserts import assert_recorded
from tests.exceptions_app.world import DAY, START, World
from tests.factories import ControlFactory, IdentityFactory, SystemFactory
from workflows import tasks

pytestmark = pytest.mark.django_db

KINDS = ("control", "identity", "system")
PLURALS = {"control": "controls", "identity": "identities", "system": "systems"}
MODELS = {"control": Control, "identity": Identity, "system": System}
STRANGERS = ("alice", "bob", "audrey", "mallory")
CAPS = {
    f"{kind}_{tier}": days
    for kind, all_days in (
        ("term_cap", (14, 30, 90, 180)),
        ("lifetime_cap", (28, 90, 180, 365)),
        ("review_days", (7, 30, 60, 90)),
    )
    for tier, days in zip(("critical", "high", "moderate", "low"), all_days, strict=True)
}


@pytest.fixture
def world():
    """Nobody yet: what is in the catalog is what a test put there."""
    return World()


@pytest.fixture
def entries(world):
    return {"control": world.control, "identity": world.identity, "system": world.system}


def key(entry):
    return entry.code if isinstance(entry, Control) else entry.slug


def details(world):
    """What each form posts for a new entry."""
    owner = f"Olive · {world.olive.email}"
    return {
        "control": {
            "code": "nhi-tst-01",
            "title": "Keys have an end",
            "statement": "Each key names its end.",
            "severity": Tier.MODERATE,
            "owner": owner,
            "approver_group": world.group.pk,
            "exceptions_allowed": "on",
            **CAPS,
        },
        "identity": {
            "name": "Label printing",
            "kind": IdentityKind.SERVICE_ACCOUNT,
            "environment": Environment.PRODUCTION,
            "credential_form": CredentialForm.CERTIFICATE,
            "owner": owner,
            "backup_owner": world.olga.email,
        },
        "system": {
            "name": "Data lake",
            "environment": Environment.PRODUCTION,
            "criticality": Tier.HIGH,
            "owner": owner,
        },
    }


def edited(world, kind, entry, **changes):
    """What the entry's form posts once these were changed."""
    posted = details(world)[kind] | {"version": entry.version}
    for name in ("title", "statement", "name"):
        if hasattr(entry, name):
            posted[name] = getattr(entry, name)
    return posted | changes


# Reading


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("person", [*STRANGERS, "petra"])
def test_everyone_reads_the_catalog(client, world, entries, kind, person):
    client.force_login(getattr(world, person))

    listed = client.get(reverse(PLURALS[kind]))
    page = client.get(reverse(kind, args=[key(entries[kind])]))

    assert listed.status_code == page.status_code == 200
    assert (reverse(f"{kind}_new") in listed.text) == (person == "petra")
    assert (reverse(f"{kind}_edit", args=[key(entries[kind])]) in page.text) == (person == "petra")


@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_is_sent_to_the_sign_in(client, entries, kind):
    addresses = [reverse(PLURALS[kind]), reverse(f"{kind}_new")]
    addresses += [reverse(f"{kind}{page}", args=[key(entries[kind])]) for page in ("", "_edit")]

    for address in addresses:
        assert client.get(address).url == f"{reverse('account_login')}?next={address}"


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_entry_is_not_found(client, world, kind):
    client.force_login(world.petra)

    for page in ("", "_edit"):
        assert client.get(reverse(f"{kind}{page}", args=["none"])).status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_counts_nothing_past_its_end_though_no_worker_ran(client, world, kind):
    assert world.active().state == "active"
    client.force_login(world.audrey)

    assert [n for _row, n in client.get(reverse(PLURALS[kind])).context["rows"]] == [0]


def test_a_list_counts_only_exceptions_the_reader_may_see(client, world, monkeypatch):
    world.active()
    monkeypatch.setattr("audit.clock.now", lambda: world.start)

    for person, seen in ((world.audrey, 1), (world.olga, 1), (world.mallory, 0)):
        client.force_login(person)
        for kind in KINDS:
            assert dict(client.get(reverse(PLURALS[kind])).context["rows"]) == {
                MODELS[kind].objects.get(): seen,
            }


def test_filters_narrow_and_a_senseless_one_is_left_out(client, world):
    ControlFactory(code="NHI-AAA-01", title="Alpha", severity=Tier.LOW)
    ControlFactory(code="NHI-BBB-01", title="Beta", severity=Tier.HIGH)
    ControlFactory(code="NHI-CCC-01", title="Gamma", severity=Tier.HIGH, is_active=False)
    client.force_login(world.alice)

    def found(**asked):
        return [row.code[4:7] for row, _n in client.get(reverse("controls"), asked).context["rows"]]

    assert found() == ["AAA", "BBB"]
    assert found(q="bet") == ["BBB"]
    assert found(severity=Tier.LOW) == ["AAA"]
    assert found(use="retired") == ["CCC"]
    assert found(use="all", severity=Tier.HIGH) == ["BBB", "CCC"]
    assert found(severity="purple", approver_group="x") == ["AAA", "BBB"]
    assert "Nothing answers these filters" in client.get(reverse("controls"), {"q": "zzz"}).text


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_takes_as_many_queries_for_many_rows_as_for_one(
    client, world, entries, kind, django_assert_max_num_queries, monkeypatch
):
    monkeypatch.setattr(listing, "PAGE", 20)
    factory = {"control": ControlFactory, "identity": IdentityFactory, "system": SystemFactory}[kind]
    factory.create_batch(30)
    client.force_login(world.alice)

    with django_assert_max_num_queries(11):
        page = client.get(reverse(PLURALS[kind]))

    assert len(page.context["rows"]) == 20
    assert page.context["page"].count == 31
    assert len(client.get(f"{reverse(PLURALS[kind])}{page.context['page'].next}").context["rows"]) == 11


def test_a_control_says_who_decides_and_how_far(client, world):
    client.force_login(world.mallory)

    page = client.get(reverse("control", args=[world.control.code]))

    assert [member.name for member in page.context["approvers"].members] == ["Bob", "Carol"]
    assert (Tier.CRITICAL, 14, 28, 7) in page.context["caps"]
    assert world.control.statement in page.text
    assert reverse("approver_groups") not in page.text


def test_a_control_warns_when_nobody_in_its_group_can_decide(client, world):
    control = world.make_control("NHI-EMP-01", approver_group=world.make_group("Empty"))
    client.force_login(world.alice)
    address = reverse("control", args=[control.code])

    assert "nobody can decide" in client.get(address).text

    world.fallback  # noqa: B018 — somebody stands behind it
    assert "The fallback group decides instead" in client.get(address).text


def test_an_auditor_in_the_group_does_not_count(client, world):
    control = world.make_control("NHI-AUD-01", approver_group=world.make_group("Auditors", "Aud"))
    people.change_user(user=world.person("Aud"), actor=None, at=START, is_auditor=True)
    client.force_login(world.alice)

    assert client.get(reverse("control", args=[control.code])).context["approvers"].warning


def test_a_control_without_exceptions_says_so(client, world):
    control = world.make_control("NHI-NON-01", exceptions_allowed=False)
    client.force_login(world.alice)

    page = client.get(reverse("control", args=[control.code])).text

    assert "No exceptions are allowed" in page
    assert "How far an exception may go" not in page


def test_pages_show_only_exceptions_the_reader_may_see(client, world):
    case = world.active()
    addresses = [
        reverse("control", args=[case.control.code]),
        reverse("identity", args=[case.identity.slug]),
        reverse("system", args=[world.system.slug]),
    ]

    for person, sees in ((world.alice, True), (world.audrey, True), (world.mallory, False)):
        client.force_login(person)
        for address in addresses:
            assert (case.reference in client.get(address).text) == sees


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_takes_as_many_queries_for_many_exceptions_as_for_one(
    client, world, entries, kind, django_assert_max_num_queries
):
    for number in range(4):
        world.active(identity=world.make_identity(f"robot-{number}") if kind != "identity" else world.identity)
    client.force_login(world.petra)

    with django_assert_max_num_queries(17):
        assert client.get(reverse(kind, args=[key(entries[kind])])).status_code == 200


def test_a_page_tells_what_was_changed_with_before_and_after(client, world):
    control = services.change_control(
        control=world.control, version=1, actor=None, at=START, term_cap_low=100, owner=world.olive
    )
    services.retire_control(control=control, version=2, actor=world.petra, at=START)
    client.force_login(world.alice)

    retired, changed, created = client.get(reverse("control", args=[control.code])).context["changes"]

    assert (retired.title, retired.who, retired.changes) == ("Taken out of use", world.petra, [])
    assert {(one.label, one.before, one.after) for one in changed.changes} == {
        ("Longest term at low risk", "180 days", "100 days"),
        ("Owner", "Connie", "Olive"),
    }
    assert (created.title, created.who) == ("Created", "system")


def test_external_ids_are_shown_whole_and_framework_items_by_their_code(client, world):
    services.load_frameworks(actor=None, at=START)
    arn = "arn:aws:iam::1:role/erp"
    services.change_identity(identity=world.identity, version=1, actor=world.petra, at=START, external_ids=[arn])
    services.change_control(
        control=world.control, version=1, actor=world.petra, at=START, answers_to=["owasp-nhi-2025:NHI7:2025"]
    )
    client.force_login(world.audrey)

    changed = client.get(reverse("identity", args=[world.identity.slug])).context["changes"][0]
    assert [one.after for one in changed.changes] == [arn]
    changed = client.get(reverse("control", args=[world.control.code])).context["changes"][0]
    assert [one.after for one in changed.changes] == ["NHI7:2025"]


# Creating


@pytest.mark.parametrize("kind", KINDS)
def test_a_programme_manager_creates(client, world, kind):
    client.force_login(world.petra)

    response = client.post(reverse(f"{kind}_new"), details(world)[kind])

    made = MODELS[kind].objects.get()
    assert response.url == reverse(kind, args=[key(made)])
    assert (made.owner_asked if kind == "identity" else made.owner) == world.olive
    event = Event.objects.get(kind=f"{kind}.created")
    assert event.stream.name == f"catalog/{PLURALS[kind]}/{key(made)}"
    assert event.actor_id == world.petra.pseudonym


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("person", STRANGERS)
def test_others_are_refused_with_a_sentence(client, world, entries, kind, person):
    client.force_login(getattr(world, person))
    entry = entries[kind]
    posts = {f"{kind}_new": [], f"{kind}_edit": [key(entry)]}
    posts |= {f"{kind}_{verb}": [key(entry)] for verb in ("retirement", "reinstatement")}

    for name, arguments in posts.items():
        response = client.post(reverse(name, args=arguments), edited(world, kind, entry))
        assert response.status_code == 403
        assert "Only programme managers change the catalog" in response.text
    for name in (f"{kind}_new", f"{kind}_edit"):
        assert client.get(reverse(name, args=posts[name])).status_code == 403

    assert MODELS[kind].objects.count() == 1
    assert Event.objects.filter(stream__name__startswith=f"catalog/{PLURALS[kind]}").count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "not a code"}, "code"),
        ({"title": " "}, "title"),
        ({"severity": "9"}, "severity"),
        ({"owner": "nobody known"}, "owner"),
        ({"term_cap_low": 366}, "term_cap_low"),
        ({"term_cap_low": 0}, "term_cap_low"),
        ({"lifetime_cap_critical": 91}, "lifetime_cap_critical"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(client, world, changes, field):
    client.force_login(world.petra)

    response = client.post(reverse("control_new"), details(world)["control"] | changes)

    assert response.status_code == 200
    assert field in response.context["form"].errors
    assert "There is a problem" in response.text
    assert not Control.objects.exists()


def test_who_has_left_is_no_choice(client, world):
    people.deactivate(user=world.olga, actor=None, at=START)
    client.force_login(world.petra)

    response = client.post(reverse("system_new"), details(world)["system"] | {"owner": world.olga.email})

    assert "owner" in response.context["form"].errors
    assert not System.objects.exists()


def test_a_code_or_handle_is_taken_once(client, world, entries):
    client.force_login(world.petra)

    for kind, field in (("control", "code"), ("identity", "slug"), ("system", "slug")):
        posted = details(world)[kind] | {field: key(entries[kind])}
        assert field in client.post(reverse(f"{kind}_new"), posted).context["form"].errors


def test_no_handle_hides_the_form_for_new_entries(client, world):
    client.force_login(world.petra)

    for kind in ("identity", "system"):
        response = client.post(reverse(f"{kind}_new"), details(world)[kind] | {"name": "New"})
        assert "slug" in response.context["form"].errors


# Changing


@pytest.mark.parametrize("kind", KINDS)
def test_a_programme_manager_changes(client, world, entries, kind):
    entry = entries[kind]
    client.force_login(world.petra)
    address = reverse(f"{kind}_edit", args=[key(entry)])
    assert client.get(address).context["form"]["version"].value() == 1

    response = client.post(address, edited(world, kind, entry, owner=world.olga.email, backup_owner=""))

    assert response.url == reverse(kind, args=[key(entry)])
    saved = MODELS[kind].objects.get(pk=entry.pk)
    field = "owner_asked" if kind == "identity" else "owner"
    assert (getattr(saved, field), saved.version) == (world.olga, 2)
    last = Event.objects.filter(kind=f"{kind}.changed").get()
    body = assert_recorded(
        saved, stream=f"catalog/{PLURALS[kind]}/{key(entry)}", kind=f"{kind}.changed", by=world.petra, at=last.at
    )
    assert body["changes"][field]["after"] == str(world.olga.pseudonym)


@pytest.mark.parametrize("kind", KINDS)
def test_a_later_writer_sees_both_versions_and_loses_nothing(client, world, entries, kind):
    entry, field = entries[kind], "title" if kind == "control" else "name"
    pia = world.person("Pia", is_programme_manager=True)
    change = getattr(services, f"change_{kind}")
    change(**{kind: entry, field: "Theirs"}, version=1, actor=pia, at=START)
    client.force_login(world.petra)
    address = reverse(f"{kind}_edit", args=[key(entry)])
    posted = edited(world, kind, entry, **{field: "Mine"})

    response = client.post(address, posted)

    assert response.status_code == 409
    assert "Pia saved this while you were writing" in response.text
    shown = {item.theirs: item.yours for item in response.context["differences"]}
    assert shown["Theirs"] == "Mine"
    form = response.context["form"]
    assert (form[field].value(), form["version"].value()) == ("Mine", "2")

    client.post(address, posted | {"version": 2})
    assert getattr(MODELS[kind].objects.get(pk=entry.pk), field) == "Mine"


def test_a_later_writer_reverts_nothing_they_did_not_touch(client, world):
    control = world.control
    client.force_login(world.petra)
    address = reverse("control_edit", args=[control.code])
    form = client.get(address).context["form"]
    posted = {bound.html_name: bound.value() for bound in form} | {"title": "Mine", "owner": ""}
    posted |= {bound.html_initial_name: bound.value() for bound in form}
    posted = {name: value for name, value in posted.items() if value not in (None, False)}
    services.change_control(
        control=control, version=1, actor=None, at=START, statement="Theirs.", exceptions_allowed=False
    )

    response = client.post(address, posted)

    assert [(one.label, one.yours) for one in response.context["differences"]] == [("Title", "Mine"), ("Owner", "")]
    form = response.context["form"]
    again = {bound.html_name: bound.value() for bound in form} | {"version": form["version"].value()}
    client.post(address, {name: value for name, value in again.items() if value not in (None, False)})
    control.refresh_from_db()
    assert (control.title, control.owner) == ("Mine", None)
    assert (control.statement, control.exceptions_allowed) == ("Theirs.", False)


def test_the_same_text_upon_an_old_version_is_no_conflict(client, world):
    control = world.control
    client.force_login(world.petra)
    posted = edited(world, "control", control, title="Once")
    address = reverse("control_edit", args=[control.code])

    first, again = client.post(address, posted), client.post(address, posted)

    assert first.url == again.url == reverse("control", args=[control.code])
    assert Event.objects.filter(kind="control.changed").count() == 1


def test_no_version_overwrites_nothing(client, world):
    client.force_login(world.petra)
    posted = edited(world, "system", world.system, name="Mine", version="")

    assert client.post(reverse("system_edit", args=[world.system.slug]), posted).status_code == 409


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_is_retired_and_reinstated(client, world, entries, kind):
    entry = entries[kind]
    client.force_login(world.petra)

    for version, verb, in_use in ((1, "retirement", False), (2, "reinstatement", True)):
        response = client.post(reverse(f"{kind}_{verb}", args=[key(entry)]), {"version": version})
        assert response.url == reverse(kind, args=[key(entry)])
        assert MODELS[kind].objects.get(pk=entry.pk).is_active == in_use

    stale = client.post(reverse(f"{kind}_retirement", args=[key(entry)]), {"version": 1})
    assert stale.status_code == 409
    assert MODELS[kind].objects.get(pk=entry.pk).is_active


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_post_retires(client, world, entries, kind):
    client.force_login(world.petra)

    for verb in ("retirement", "reinstatement"):
        assert client.get(reverse(f"{kind}_{verb}", args=[key(entries[kind])])).status_code == 405


def test_a_name_without_latin_letters_asks_for_a_handle(client, world):
    client.force_login(world.petra)

    answer = client.post(reverse("identity_new"), details(world)["identity"] | {"name": "打印标签", "slug": ""})

    assert "Write a handle" in str(answer.context["form"].errors["slug"])
    assert "cannot be blank" not in answer.content.decode()


def test_an_identity_says_in_words_what_it_may_do_and_for_how_long_it_could(client, world):
    at = clock.now() - timedelta(days=3)
    case = world.active(at, remediation_on=(at + timedelta(days=40)).date())
    client.force_login(world.audrey)

    page = client.get(reverse("identity", args=[world.identity.slug])).content.decode()

    told = page.partition("What it may do right now")[2].partition("</section>")[0]
    assert f"{world.identity.slug} may " in told
    assert case.reference in told
    spent = page.partition("Time in force so far")[2].partition("</section>")[0]
    assert world.control.code in spent
    assert "3 days" in spent


def test_an_identity_without_exceptions_in_force_may_do_nothing_more(client, world):
    client.force_login(world.petra)

    assert b"no exception is in force" in client.get(reverse("identity", args=[world.identity.slug])).content


# A second person


def limited(world, **changes):
    """What petra's form posts for a change of limits."""
    return edited(world, "control", world.control) | {"term_cap_low": 100, "why": "The audit asks"} | changes


def test_a_change_of_limits_is_shown_to_a_second_person_who_accepts_it(client, world):
    pia = world.person("Pia", is_programme_manager=True)
    client.force_login(world.petra)
    page = reverse("control", args=[world.control.code])

    client.post(reverse("control_edit", args=[world.control.code]), limited(world))

    proposal = world.control.proposals.get()
    assert "A change waits for a second person" in client.get(page).text
    assert reverse("proposal_acceptance", args=[world.control.code, proposal.pk]) not in client.get(page).text
    client.force_login(pia)
    assert world.control.title in client.get(reverse("home")).text
    shown = client.get(page)
    assert [(one.before, one.after) for one in shown.context["proposed"]] == [("180 days", "100 days")]
    client.post(reverse("proposal_acceptance", args=[world.control.code, proposal.pk]), {"seen": proposal.mark})
    assert Control.objects.get().term_cap_low == 100


def test_without_a_reason_no_limit_is_proposed(client, world):
    client.force_login(world.petra)
    asked = client.get(reverse("control_edit", args=[world.control.code])).text
    assert "Why the limits change</label>" in asked

    response = client.post(reverse("control_edit", args=[world.control.code]), limited(world, why=""))

    assert "why" in response.context["form"].errors
    assert 'href="#id_why"' in response.text
    assert not world.control.proposals.exists()


def test_a_control_says_what_it_requires_and_advises(client, world):
    client.force_login(world.petra)
    posted = limited(
        world,
        required_safeguards_network="3",
        guidance_all="Ask for less.",
        guidance_ai_agent="Name the tools.",
        end_conditions="The vendor patches\nThe vendor patches\n",
        prefills_exit_plan="Rotate, then remove.",
    )

    client.post(reverse("control_edit", args=[world.control.code]), posted)

    control = Control.objects.get()
    assert control.guidance == {"": "Ask for less.", "ai_agent": "Name the tools."}
    assert (control.end_conditions, control.prefills) == (
        ["The vendor patches"],
        {"exit_plan": "Rotate, then remove."},
    )
    assert control.proposals.get().after == {"required_safeguards": {"network": 3}, "term_cap_low": 100}
    form = client.get(reverse("control_edit", args=[control.code])).text
    assert "Name the tools." in form


# Owners and vendors


def test_who_is_asked_to_own_an_identity_answers_on_home(client, world):
    services.change_identity(identity=world.identity, version=1, actor=world.petra, at=START, owner=world.alice)
    client.force_login(world.alice)
    assert reverse("identity_ownership", args=[world.identity.slug]) in client.get(reverse("home")).text

    client.post(reverse("identity_ownership", args=[world.identity.slug]), {"from": "home"})

    assert Identity.objects.get().owner == world.alice
    client.force_login(world.petra)
    assert client.post(reverse("identity_ownership", args=[world.identity.slug])).status_code == 403


def test_a_vendor_has_its_exceptions_beside_its_onboarding(client, world):
    vendor = services.create_vendor(
        name="Skanna", actor=None, at=START, onboarding_ref="TPRM-7", review_on=START.date() - DAY
    )
    case = world.active(identity=world.make_identity("scanner", vendor=vendor))
    client.force_login(world.alice)

    page = client.get(reverse("vendor", args=["skanna"]))

    assert [row.pk for row, _in_force in page.context["listed"].rows] == [case.pk]
    assert "TPRM-7" in page.text
    assert "overdue" in page.text


# Imports


def test_an_import_goes_from_file_to_catalog_by_pages(client, world, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(world.petra)
    table = SimpleUploadedFile("systems.csv", b"name,environment,criticality\nLake,staging,low\n")

    page = client.post(reverse("imports"), {"kind": "systems", "file": table}).url
    form = client.get(page).context["form"]
    client.post(f"{page}check/", {bound.html_name: bound.value() or "" for bound in form})
    assert "Being checked" in client.get(page).text
    tasks.run_imports()
    assert "What it would do" in client.get(page).text
    client.post(f"{page}confirmation/")
    tasks.run_imports()

    assert "1 new" in client.get(page).text
    assert f'href="{reverse("systems")}">Open the list' in client.get(page).text
    assert System.objects.get().name == "Lake"


def test_a_file_that_is_no_table_is_refused_with_a_sentence(client, world, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(world.petra)
    junk = SimpleUploadedFile("photo.xlsx", b"PK\x03\x04 not a spreadsheet")

    response = client.post(reverse("imports"), {"kind": "systems", "file": junk})

    assert "file" in response.context["form"].errors


def test_the_columns_are_known_before_and_a_refused_file_leads_to_the_next(client, world, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(world.petra)
    assert "<strong>Criticality</strong>" in client.get(reverse("imports")).text
    table = SimpleUploadedFile("systems.csv", b"name,environment,criticality\nLake,nowhere,low\n")
    page = client.post(reverse("imports"), {"kind": "systems", "file": table}).url
    form = client.get(page).context["form"]
    client.post(f"{page}check/", {bound.html_name: bound.value() or "" for bound in form})
    tasks.run_imports()

    shown = client.get(page).text

    assert f'href="{reverse("imports")}?kind=systems">upload it again' in shown
    assert "you may see" not in client.get(reverse("imports")).text
    assert client.get(f"{reverse('imports')}?kind=systems").context["form"]["kind"].value() == "systems"
