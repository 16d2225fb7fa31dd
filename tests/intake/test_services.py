"""An import does all that was shown or nothing, says what is wrong by its line, and twice is once."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DataError, OperationalError

from accounts.errors import NotAllowed, NotPossible
from audit.models import Event
from catalog import services as catalog
from catalog.models import Control, ExternalId, Identity, System, Vendor
from intake import services
from intake.models import ImportRun, State
from tests.factories import (
    AT,
    ApproverGroupFactory,
    ControlFactory,
    IdentityFactory,
    TeamFactory,
    UserFactory,
    alice,
    bob,
    mallory,
    petra,
)
from tests.intake.sheets import xlsx

pytestmark = pytest.mark.django_db

HEADER = "name,kind,env,credential,owner,team,external ids,last rotated"
ERP = (
    "ERP sync,service account,production,long-lived secret,alice@example.com,Payments,arn:aws:1; spiffe://a,2026-01-02"
)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture(autouse=True)
def people(db):
    alice()
    TeamFactory(name="Payments")


def upload(*lines, kind="identities", header=HEADER, actor=None):
    content = "\n".join([header, *lines]).encode()
    file = SimpleUploadedFile("rows.csv", content)
    return services.upload(kind=kind, upload=file, actor=actor or petra(), at=AT)


def checked(run, **options):
    services.check(run=run, mapping=options.pop("mapping", run.mapping), actor=petra(), at=AT, **options)
    return work()


def work(at=AT):
    return services.work(run=services.claim(at), at=at)


def imported(*lines, **options):
    run = checked(upload(*lines, **options))
    assert run.state == State.CHECKED, run.problems
    services.confirm(run=run, actor=petra(), at=AT)
    return work()


def problems(run):
    return [(one["line"], one["column"], one["sentence"]) for one in run.problems]


def test_columns_are_guessed_by_their_names():
    run = upload(ERP)

    assert run.mapping == {
        "name": "name",
        "kind": "kind",
        "environment": "env",
        "credential_form": "credential",
        "owner": "owner",
        "team": "team",
        "external_ids": "external ids",
        "last_rotated_on": "last rotated",
    }


def test_a_checked_file_shows_what_it_would_do_and_does_nothing():
    run = checked(upload(ERP))

    assert (run.state, run.counts["added"]) == (State.CHECKED, 1)
    assert run.preview[0]["key"] == "erp-sync"
    assert not Identity.objects.exists()


def test_what_was_shown_is_saved_with_history_and_events():
    run = imported(ERP)

    identity = Identity.objects.get()
    assert run.state == State.SAVED
    assert (identity.slug, identity.owner, identity.owner_asked, identity.team.name) == (
        "erp-sync",
        None,
        alice(),
        "Payments",
    )
    assert sorted(ExternalId.objects.values_list("value", flat=True)) == ["arn:aws:1", "spiffe://a"]
    event = Event.objects.get(kind="identity.created")
    assert (event.stream.name, event.actor_id, event.body["file"]) == (
        "catalog/identities/erp-sync",
        petra().pseudonym,
        run.sha256,
    )
    assert identity.history.get().history_user == petra()
    assert Event.objects.get(kind="import.saved").body["added"] == 1


def test_the_same_file_twice_changes_nothing():
    imported(ERP)
    events = Event.objects.count()

    run = imported(ERP)

    assert (run.counts["same"], run.counts["added"], run.counts["changed"]) == (1, 0, 0)
    assert Event.objects.exclude(kind="import.saved").count() == events - 1


def test_a_cell_changes_a_row_an_empty_one_leaves_it_and_a_dash_empties_it():
    imported(ERP)

    imported("ERP sync,,staging,,,-,,")

    identity = Identity.objects.get()
    assert (identity.environment, identity.kind, identity.team) == ("staging", "service_account", None)
    assert identity.version == 2
    changes = Event.objects.get(kind="identity.changed").body["changes"]
    assert changes["environment"] == {"before": "production", "after": "staging"}


def test_a_bad_row_is_named_by_its_line_and_nothing_is_saved():
    run = checked(
        upload(
            ERP,
            "Labels,robot,production,,,,,",
            "Scanner,workload,production,,nobody@example.com,,,",
            "Night,workload,production,,,,,soon",
            ",workload,production,,,,,",
            "Bare,,production,,,,,",
        )
    )

    assert run.state == State.REFUSED
    assert [(line, column) for line, column, _sentence in problems(run)] == [
        (3, "kind"),
        (4, "owner"),
        (5, "last rotated"),
        (6, ""),
        (7, "kind"),
    ]
    assert not Identity.objects.exists()
    with pytest.raises(NotPossible):
        services.confirm(run=run, actor=petra(), at=AT)


def test_a_rotation_on_a_day_to_come_is_refused():
    run = checked(upload(ERP, "Night,workload,production,,,,,2099-01-01"))

    assert run.state == State.REFUSED
    assert problems(run) == [(3, "last rotated", "A credential cannot have been rotated on a day to come.")]


def test_two_lines_of_one_name_are_refused():
    run = checked(upload(ERP, ERP))

    assert {line for line, _column, _sentence in problems(run)} == {3}


def test_an_external_id_of_another_identity_is_refused():
    other = IdentityFactory(slug="svc-other", owner=None)
    catalog.change_identity(identity=other, version=1, actor=petra(), at=AT, external_ids=["spiffe://a"])

    run = checked(upload(ERP))

    assert problems(run) == [(2, "external ids", "svc-other has “spiffe://a” already.")]


def test_a_day_that_may_be_two_is_asked_and_the_answer_holds():
    run = checked(upload(ERP.replace("2026-01-02", "03/04/2026")))
    assert (run.state, run.asks_day_order) == (State.ASKING, "line 2: 03/04/2026")

    run = checked(run, day_order="dmy")
    services.confirm(run=run, actor=petra(), at=AT)
    work()

    assert str(Identity.objects.get().last_rotated_on) == "2026-04-03"


def test_the_meaning_of_columns_is_remembered():
    run = upload("Vault,produktion,high", kind="systems", header="Namn,Miljö,Vikt")
    assert run.mapping == {}
    mapping = {"name": "Namn", "environment": "Miljö", "criticality": "Vikt"}
    run = checked(run, mapping=mapping)
    assert run.state == State.REFUSED
    run = upload("Vault,production,high", kind="systems", header="Namn,Miljö,Vikt")
    assert run.mapping == mapping
    services.drop(run=run, actor=petra(), at=AT)
    run = upload("Vault,production,high", kind="systems", header="Namn,Miljö,Vikt")
    run = checked(run, mapping=run.mapping)
    services.confirm(run=run, actor=petra(), at=AT)
    work()

    assert upload("Lake,staging,low", kind="systems", header="Namn,Miljö,Vikt").mapping == mapping


def test_a_column_means_one_thing_and_rows_have_names():
    run = upload(ERP)

    with pytest.raises(NotPossible, match="means one thing"):
        services.check(run=run, mapping={"name": "name", "slug": "name"}, actor=petra(), at=AT)
    with pytest.raises(NotPossible, match="names each row"):
        services.check(run=run, mapping={"kind": "kind"}, actor=petra(), at=AT)


def test_spreadsheets_are_imported_alike_and_formulas_stay_text():
    file = xlsx(["name", "url", "notes"], ["Skanna", "https://skanna.example", "=1+1"])
    run = services.upload(kind="vendors", upload=SimpleUploadedFile("v.xlsx", file.getvalue()), actor=petra(), at=AT)
    run = checked(run)
    services.confirm(run=run, actor=petra(), at=AT)
    work()

    assert Vendor.objects.get().description == "=1+1"


def test_what_changed_since_the_preview_is_shown_again():
    run = checked(upload(ERP))
    IdentityFactory(slug="erp-sync", name="ERP Sync")
    services.confirm(run=run, actor=petra(), at=AT)

    run = work()

    assert (run.state, run.counts["changed"]) == (State.CHECKED, 1)
    assert Identity.objects.get().name == "ERP Sync"


def test_a_worker_that_dies_leaves_nothing_and_another_takes_over(monkeypatch):
    run = checked(upload(ERP, "Labels,workload,production,,,,,"))
    services.confirm(run=run, actor=petra(), at=AT)
    monkeypatch.setattr(services.ledger, "record", lambda **_options: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        work()
    assert not Identity.objects.exists()
    monkeypatch.undo()

    assert services.claim(AT) is None
    run = work(AT + 2 * services.LEASE + timedelta(days=2000))

    assert (run.state, Identity.objects.count()) == (State.SAVED, 2)


def test_work_done_twice_is_done_once():
    run = checked(upload(ERP))
    services.confirm(run=run, actor=petra(), at=AT)
    claimed = services.claim(AT)
    services.work(run=claimed, at=AT)

    services.work(run=claimed, at=AT)

    assert Event.objects.filter(kind="import.saved").count() == 1


def test_the_file_is_gone_when_the_import_is_over(media, django_capture_on_commit_callbacks):
    run = upload(ERP)
    assert [path for path in Path(media).rglob("*") if path.is_file()]

    with django_capture_on_commit_callbacks(execute=True):
        services.drop(run=run, actor=petra(), at=AT)

    assert not [path for path in Path(media).rglob("*") if path.is_file()]


def test_abandoned_imports_are_discarded():
    run = upload(ERP)

    services.drop_abandoned(AT + services.ABANDONED + timedelta(seconds=1))

    run.refresh_from_db()
    assert run.state == State.DROPPED


def test_only_programme_managers_import():
    with pytest.raises(NotAllowed):
        upload(ERP, actor=mallory())
    run = upload(ERP)
    for verb in (services.confirm, services.drop):
        with pytest.raises(NotAllowed):
            verb(run=run, actor=mallory(), at=AT)
    assert ImportRun.objects.count() == 1


def test_only_who_uploaded_a_file_says_what_it_means_and_lets_it_be_saved():
    other = UserFactory(email="pia@example.com", is_programme_manager=True)
    run = upload(ERP)

    with pytest.raises(NotAllowed):
        services.check(run=run, mapping=run.mapping, actor=other, at=AT)
    checked(run)
    with pytest.raises(NotAllowed):
        services.confirm(run=run, actor=other, at=AT)

    services.drop(run=run, actor=other, at=AT)
    assert not Identity.objects.exists()


def test_nobody_makes_themselves_a_judge_by_a_file():
    run = checked(upload("Vault,production,high,petra@example.com", kind="systems", header="name,env,tier,owner"))

    assert problems(run)[0][2].startswith("This changes what you may judge")


def test_limits_of_controls_wait_for_a_second_person():
    ApproverGroupFactory(slug="approvers")
    ControlFactory(code="NHI-ROT-01", title="Old words")
    line = ["NHI-ROT-01,New words,100", "NHI-NEW-01,Brand new,100"]
    header = "code,title,term_cap_low"
    run = checked(upload(line[0], kind="controls", header=header))
    with pytest.raises(NotPossible, match="Say why"):
        services.confirm(run=run, actor=petra(), at=AT)
    run = checked(run, why="The new policy")
    services.confirm(run=run, actor=petra(), at=AT)
    work()

    control = Control.objects.get()
    assert (control.title, control.term_cap_low) == ("New words", 180)
    assert control.proposals.get().after == {"term_cap_low": 100}
    again = checked(upload(line[0], kind="controls", header=header))
    assert again.counts["proposed"] == 1


def test_new_controls_are_created():
    group = ApproverGroupFactory(slug="approvers")
    bob(group)
    run = imported(
        "NHI-NEW-01,New,It holds.,high,approvers,no",
        kind="controls",
        header="code,title,statement,severity,approver_group,exceptions_allowed",
    )

    control = Control.objects.get()
    assert (run.state, control.approver_group, control.exceptions_allowed) == (State.SAVED, group, False)


def test_systems_keep_one_name_each():
    run = imported("vault,Vault,production,high", kind="systems", header="slug,name,env,tier")
    assert run.state == State.SAVED

    run = checked(upload("other,Vault,production,high", kind="systems", header="slug,name,env,tier"))

    assert problems(run) == [(2, "name", "vault has “Vault” already.")]
    assert System.objects.count() == 1


def test_who_has_left_is_not_asked_to_own():
    UserFactory(email="dora@example.com", name="Dora", is_active=False)

    run = checked(upload(ERP.replace("alice@", "dora@")))

    assert problems(run)[0][:2] == (2, "owner")


def test_an_owner_of_ours_is_not_asked_again():
    imported(ERP)
    catalog.accept_identity(identity=Identity.objects.get(), actor=alice(), at=AT)

    run = checked(upload(ERP))

    assert run.counts["same"] == 1


def test_a_row_without_a_handle_is_the_one_of_its_name():
    IdentityFactory(slug="svc-erp-sync", name="ERP sync")

    run = checked(upload(ERP))

    assert (run.counts["added"], run.counts["changed"]) == (0, 1)
    assert run.preview[0]["key"] == "svc-erp-sync"


def test_a_line_for_a_control_whose_limits_wait_is_refused():
    control = ControlFactory(code="C-1")
    catalog.change_control(control=control, version=1, actor=petra(), at=AT, why="Audit", term_cap_low=100)

    run = checked(upload("C-1,90", kind="controls", header="code,term_cap_low"))
    same = checked(upload("C-1,100", kind="controls", header="code,term_cap_low"))

    assert run.state == State.REFUSED
    assert "waits for a second person" in problems(run)[0][2]
    assert same.state == State.CHECKED


def test_an_import_whose_person_may_no_longer_is_refused_and_can_be_dropped():
    run = checked(upload(ERP))
    services.confirm(run=run, actor=petra(), at=AT)
    gone = petra()
    gone.is_programme_manager = False
    gone.save()

    run = work()

    assert (run.state, Identity.objects.count()) == (State.REFUSED, 0)
    assert problems(run) == [(0, "", "Only programme managers change the catalog.")]
    pia = UserFactory(is_programme_manager=True)
    assert services.drop(run=run, actor=pia, at=AT).state == State.DROPPED


def test_what_the_database_refuses_is_said_and_other_imports_go_on(monkeypatch):
    run = checked(upload(ERP))
    services.confirm(run=run, actor=petra(), at=AT)

    def refuse(*args, **options):
        raise DataError("value too long for type character varying(60)")

    monkeypatch.setattr(services.bulk, "save_all", refuse)
    run = work()

    assert run.state == State.REFUSED
    assert "Nothing was saved" in problems(run)[0][2]
    assert services.claim(AT + timedelta(hours=1)) is None


def test_an_import_waits_where_the_database_is_away(monkeypatch):
    run = checked(upload(ERP))
    services.confirm(run=run, actor=petra(), at=AT)

    def away(*args, **options):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(services.bulk, "save_all", away)
    with pytest.raises(OperationalError):
        work()

    assert ImportRun.objects.get().state == State.SAVING


def test_a_handle_comes_before_a_name_that_reads_the_same():
    meant = ApproverGroupFactory(slug="platform", name="Alpha")
    ApproverGroupFactory(slug="friends", name="Platform")
    header = "code,title,statement,severity,approver_group"

    imported("C-1,T,S,high,platform", kind="controls", header=header)

    assert Control.objects.get().approver_group == meant


def test_a_word_that_names_two_is_refused():
    ApproverGroupFactory(slug="one", name="Platform Team")
    ApproverGroupFactory(slug="two", name="platform team")
    header = "code,title,statement,severity,approver_group"

    run = checked(upload("C-1,T,S,high,PLATFORM TEAM", kind="controls", header=header))

    assert problems(run) == [(2, "approver_group", "“PLATFORM TEAM” means one, two. Write one of these.")]


def test_a_handle_only_suggested_by_the_name_does_not_change_another_entry():
    IdentityFactory(name="svc-erp", slug="svc-erp")

    run = checked(upload("SVC ERP,api key,development", header="name,kind,env"))
    given = checked(upload("svc-erp,SVC ERP,ci pipeline,development", header="handle,name,kind,env"))

    assert problems(run)[0][:2] == (2, "name")
    assert "“svc-erp” is taken by svc-erp" in problems(run)[0][2]
    assert given.counts["changed"] == 1


@pytest.mark.parametrize("name", ["New", "Ownership"])
def test_no_table_makes_a_handle_that_is_an_address_of_the_catalog(name):
    run = checked(upload(f"{name},high,production", kind="systems", header="name,criticality,env"))

    assert "is taken: an address of the catalog" in problems(run)[0][2]
    with pytest.raises(NotPossible):
        catalog.create_vendor(name=name, actor=petra(), at=AT)


def test_events_of_controls_name_the_file_they_come_from():
    ApproverGroupFactory(slug="g")
    header = "code,title,statement,severity,approver_group"
    first = imported("C-9,T,S,high,g", kind="controls", header=header)
    second = imported("C-9,Other,S,high,g", kind="controls", header=header)

    assert Event.objects.get(kind="control.created").body["file"] == first.sha256
    assert Event.objects.get(kind="control.changed").body["file"] == second.sha256
