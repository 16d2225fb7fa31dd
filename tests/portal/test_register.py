"""The register page: filters, columns, views, files, acts on many, and the calendar of ends."""

import csv
import io
import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localdate
from openpyxl import load_workbook

from accounts import services as people
from accounts.models import SavedView, Team
from audit import clock
from catalog import services as catalog
from catalog.codes import key_of
from catalog.models import ControlItem, Environment, Framework, FrameworkItem, IdentityKind
from exceptions_app import services
from exceptions_app.models import ExceptionCase, OwnershipOffer
from exceptions_app.queries import filtering
from exceptions_app.queries import register as queries
from portal.register import bulk, exports
from tests.exceptions_app.world import DAY, World, fresh
from tests.portal.test_sheets import close
from waivers import formats
from waivers import services as waivers

pytestmark = pytest.mark.django_db


def make_world():
    return World(clock.now() - DAY)


def found(client, **asked):
    return [line.case.reference for line in client.get("/exceptions/", asked).context["lines"]]


@pytest.mark.parametrize("asked", [{"control": "NHI-NONE-01"}, {"identity": "nobody"}])
def test_a_name_that_nothing_bears_finds_nothing_not_even_drafts_that_name_nothing_yet(client, world, asked):
    services.open_draft(actor=world.alice, at=world.start)
    client.force_login(world.alice)

    assert found(client, **asked) == []


@pytest.mark.parametrize("asked", [{"control": "nhi-rot-01"}, {"identity": "erp-sync"}])
def test_a_control_or_an_identity_finds_its_cases(client, world, asked):
    case = world.draft()
    world.draft(control=world.make_control("NHI-OTH-01"), identity=world.make_identity("payroll"))
    client.force_login(world.alice)

    assert found(client, **asked) == [case.reference]


def unlike(world):
    """A case that differs from the usual one in all that can be filtered by, and is filed today."""
    team = Team.objects.create(name="Robotics")
    vendor = catalog.create_vendor(name="Skanna", actor=None, at=world.start)
    identity = world.make_identity(
        "robot",
        vendor=vendor,
        kind=IdentityKind.AI_AGENT,
        environment=Environment.DEVELOPMENT,
        team=team,
        owner=world.olive,
    )
    system = world.make_system("Warehouse")
    group = world.make_group("Robot approvers", "Gil")
    control = world.make_control("AGT-01", approver_group=group)
    framework = Framework.objects.create(slug="csf", name="CSF", edition="2.0")
    item = FrameworkItem.objects.create(
        framework=framework, code="PR.AA-05", key=key_of("PR.AA-05"), title="Access", position=1
    )
    ControlItem.objects.create(control=control, item=item)
    case = world.draft(
        world.start + DAY,
        actor=world.person("Rita"),
        owner=world.person("Otto"),
        identity=identity,
        control=control,
        credential_form="certificate",
        grants=[world.grant(system=system)],
        safeguards=[world.safeguard(), world.safeguard("Only at night")],
        kind="planned",
        term_days=7,
    )
    return world.submit(case, world.start + DAY, actor=world.person("Rita"))


@pytest.mark.parametrize(
    "asked",
    [
        {"state": "requested"},
        {"item": "pr.aa-5"},
        {"identity": "ROBOT"},
        {"identity_kind": "ai_agent"},
        {"environment": "development"},
        {"credential": "certificate"},
        {"team": "robotics"},
        {"team": "robo"},
        {"vendor": "skanna"},
        {"q": "Skanna"},
        {"system": "warehouse"},
        {"owner": "otto@example.org"},
        {"owner": "Otto"},
        {"requester": "rita"},
        {"group": "robot-approvers"},
        {"filed_from": "today"},
        {"unverified": "on"},
        {"state": "requested", "system": "ware", "tier": "2"},
    ],
    ids=str,
)
def test_each_filter_finds_the_one_case_it_is_about(client, world, asked):
    guarded = world.active()
    services.verify_safeguard(
        safeguard=guarded.safeguards.get(), actor=world.carol, at=world.start, statement="Tried it."
    )
    wanted = unlike(world)
    client.force_login(world.audrey)
    if "filed_from" in asked:
        asked = {"filed_from": (world.start + DAY).date().isoformat()}

    assert found(client, **asked) == [wanted.reference]
    assert guarded.reference in found(client)


@pytest.mark.parametrize("named", [100, 0], ids=["few by key", "many joined"])
@pytest.mark.parametrize(
    "asked",
    [
        {"identity": "robo"},
        {"owner": "ott"},
        {"team": "robo"},
        {"system": "ware"},
        {"group": "robot"},
        {"vendor": "ska"},
    ],
    ids=str,
)
def test_a_name_that_means_many_finds_the_cases_of_all(client, world, asked, named, monkeypatch):
    monkeypatch.setattr(filtering, "NAMED", named)
    monkeypatch.setattr(filtering, "MANY", named)
    world.active()
    wanted = unlike(world)
    client.force_login(world.audrey)

    assert found(client, **asked) == [wanted.reference]


@pytest.mark.parametrize("asked", [{"renewal": "1"}, {"kind": "planned", "renewal": "1"}])
def test_renewals_are_found_by_their_number(client, world, asked):
    case = world.active()
    renewal = world.renewal(case, world.start)
    client.force_login(world.audrey)

    assert found(client, **asked) == [renewal.reference]
    assert found(client, renewal="0") == [case.reference]
    assert found(client, renewal="2") == []


def test_ends_between_two_days_holds_both(client, world):
    case = world.active()
    client.force_login(world.audrey)
    day = localdate(case.expires_at)
    before, after = day - timedelta(days=1), day + timedelta(days=1)

    assert found(client, ends_from=day, ends_until=day) == [case.reference]
    assert found(client, ends_from=after) == found(client, ends_until=before) == []


def test_access_open_after_the_end_is_found(client, world):
    world.active(identity=world.make_identity("other"))
    case = world.revoked()
    client.force_login(world.audrey)

    assert found(client, open="on") == [case.reference]


def test_what_cannot_be_read_filters_nothing(client, world):
    case = world.active()
    client.force_login(world.audrey)
    nonsense = {"state": "x", "tier": "9", "ends_from": "soon", "col": "x", "saved": "y", "sort": "z", "after": "é"}

    assert found(client, **nonsense) == [case.reference]


def test_each_filter_that_is_set_is_told_and_can_be_taken_away(client, world):
    client.force_login(world.audrey)

    page = client.get("/exceptions/", {"state": "active", "owner": "olga", "unverified": "on", "sort": "ends"})

    chips = [(chip["label"], chip["told"]) for chip in page.context["chips"]]
    assert chips == [("State", "Active"), ("Owner", "olga"), ("A safeguard unverified", "")]
    assert page.context["chips"][1]["href"] == "?state=active&unverified=on&sort=ends"
    assert page.context["clear"] == "?sort=ends"


def test_the_count_is_fetched_apart_and_is_there_without_script(client, world, monkeypatch):
    monkeypatch.setattr(queries, "PAGE", 2)
    for number in range(3):
        world.draft(identity=world.make_identity(f"robot-{number}"))
    client.force_login(world.alice)

    page = client.get("/exceptions/", {"sort": "filed"})
    apart = client.get("/exceptions/", {"sort": "filed"}, headers={"HX-Request": "true", "HX-Target": "count"})
    whole = client.get(f"/exceptions/{page.context['count_address']}")

    assert page.context["count"] is None
    assert 'href="?sort=filed&amp;count=yes"' in page.content.decode()
    assert apart.content.decode().strip() == "3 exceptions"
    assert whole.context["count"] == queries.Number(3, exact=True)
    assert "count=yes" not in whole.context["older"]


def test_one_page_needs_no_count(client, world):
    world.draft()
    client.force_login(world.alice)

    assert client.get("/exceptions/").context["count"] == queries.Number(1, exact=True)


def test_more_cases_take_no_more_queries(client, world):
    client.force_login(world.alice)
    every = {"col": [*exports.COLUMNS], "state": "active", "control": "NHI-ROT-01", "sort": "ends"}
    world.active()

    def queries_of(**more):
        with CaptureQueriesContext(connection) as captured:
            shown = client.get("/exceptions/", every | more).context["lines"]
        return len(captured), len(shown)

    few, searched_few = queries_of(), queries_of(q="erp")
    for number in range(4):
        world.active(identity=world.make_identity(f"robot-{number}"))
    assert few[1] == searched_few[1] == 1
    assert queries_of() == (few[0], 5)
    searched = queries_of(q="erp")
    assert searched[0] - searched_few[0] in {-1, 0, 1}, "frequent words take one query less, by PostgreSQL's statistics"


def test_chosen_columns_are_shown_in_the_order_they_are_offered(client, world):
    world.active(safeguards=[world.safeguard(), world.safeguard("Only at night")])
    client.force_login(world.audrey)

    page = client.get("/exceptions/", {"col": ["safeguards", "control", "systems"]})

    assert [one["name"] for one in page.context["columns"]] == ["control", "systems", "safeguards"]
    for told in ("NHI-ROT-01", "Vault", "0 of 2"):
        assert f">{told}</td>" in page.content.decode()


def test_every_column_can_be_shown_of_a_bare_draft_and_of_a_case_in_force(client, world):
    services.open_draft(actor=world.alice, at=world.start)
    world.active()
    client.force_login(world.audrey)

    assert client.get("/exceptions/", {"col": [*exports.COLUMNS]}).status_code == 200


def test_a_view_is_saved_with_filters_columns_and_order_and_opens_again(client, world):
    client.force_login(world.alice)
    said = "?state=active&col=risk&col=team&sort=ends&after=xyz&saved=9&evil=1"

    answer = client.post("/exceptions/views/", {"name": "Soon", "sharing": "", "query": said})

    view = SavedView.objects.get()
    assert view.query == "state=active&col=risk&col=team&sort=ends"
    assert answer["Location"] == f"/exceptions/?{view.query}&saved={view.pk}"
    page = client.get(answer["Location"])
    assert [tab["label"] for tab in page.context["tabs"] if tab["current"]] == ["Soon"]
    assert page.context["saving"].initial["name"] == "Soon"


def test_a_view_without_a_name_is_asked_for_one_and_nothing_is_lost(client, world):
    client.force_login(world.alice)

    answer = client.post("/exceptions/views/", {"name": " ", "query": "?state=active"})

    assert answer.status_code == 409
    assert 'value="?state=active"' in answer.content.decode()
    assert not SavedView.objects.exists()


def test_a_shared_view_shows_nobody_more_than_they_may_see(client, world):
    case = world.active()
    people.save_view(actor=world.alice, at=world.start, name="All active", query="state=active", sharing="everybody")
    view = SavedView.objects.get()

    for person, seen in ((world.alice, [case.reference]), (world.mallory, [])):
        client.force_login(person)
        page = client.get(f"/exceptions/?{view.query}&saved={view.pk}")
        assert [line.case.reference for line in page.context["lines"]] == seen
        assert [tab["label"] for tab in page.context["tabs"] if tab["current"]] == ["All active"]


def test_a_view_that_is_not_shared_is_not_there_for_others(client, world):
    view = people.save_view(actor=world.alice, at=world.start, name="Mine", query="")
    client.force_login(world.mallory)

    assert client.post(f"/exceptions/views/{view.pk}/removal/").status_code == 404
    assert "Mine" not in [tab["label"] for tab in client.get("/exceptions/").context["tabs"][4:]]


def rows_of(answer):
    content = b"".join(answer.streaming_content)
    close(answer)
    if "csv" in answer["Content-Type"]:
        return list(csv.reader(io.StringIO(content.decode())))
    return [list(row) for row in load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_holds_the_chosen_columns_of_what_the_filters_find(client, world, kind):
    world.draft(title="Not this one")
    case = world.active(title="=HYPERLINK(1)", identity=world.make_identity("robot"))
    client.force_login(world.alice)

    answer = client.get(f"/exceptions/export.{kind}", {"state": "active", "col": ["risk", "ends", "systems"]})

    header, row = rows_of(answer)
    assert header == ["reference", "title", "risk", "systems", "ends"]
    assert row[0] == case.reference
    assert row[1] == ("=HYPERLINK(1)" if kind == "xlsx" else "'=HYPERLINK(1)")
    assert row[2:4] == ["moderate", "Vault"]
    assert str(row[4])[:10] == case.expires_at.date().isoformat()


def test_files_hold_what_the_person_may_see_and_no_more(client, world):
    world.active()
    client.force_login(world.mallory)

    for kind in ("csv", "xlsx"):
        assert len(rows_of(client.get(f"/exceptions/export.{kind}"))) == 1


def test_a_workbook_that_would_be_too_long_is_refused_with_a_way_out(client, world, monkeypatch):
    monkeypatch.setattr(exports, "MOST_IN_XLSX", 1)
    world.draft(), world.draft()
    client.force_login(world.alice)

    answer = client.get("/exceptions/export.xlsx")

    assert answer.status_code == 409
    assert "take the CSV file" in answer.content.decode()


def test_bulk_first_says_what_would_happen_and_what_would_be_refused(client, world):
    case, draft = world.active(), world.draft()
    client.force_login(world.olga)

    page = client.get("/exceptions/bulk/", {"act": "complete", "case": [case.reference, draft.reference, "EXC-0"]})

    told = {item.case: item.refusal for item in page.context["items"]}
    assert told == {case: "", draft: f"{draft.reference} is draft; this is no longer possible."}
    assert page.context["missing"] == 1
    assert (fresh(case).state, fresh(draft).state) == ("active", "draft")


@pytest.mark.parametrize("act", ["complete", "revoke"])
def test_bulk_does_each_by_itself_and_answers_for_each(client, world, act):
    cases = [world.active(identity=world.make_identity(f"robot-{number}")) for number in range(2)]
    foreign = world.active(owner=world.person("Otto"), actor=world.alice)
    client.force_login(world.olga)
    marked = [case.reference for case in (*cases, foreign)]
    seen = [case for case in (*cases, foreign) if ExceptionCase.objects.visible_to(world.olga).filter(pk=case.pk)]

    answer = client.post(
        "/exceptions/bulk/", {"act": act, "case": marked, "reason": "The need is over.", "confirm": "2"}
    )

    ended = {"complete": "closed", "revoke": "revoked"}[act]
    assert [(item.case, item.refusal) for item in answer.context["items"][:2]] == [(case, "") for case in cases]
    assert [fresh(case).state for case in cases] == [ended] * 2
    assert fresh(foreign).state == "active"
    assert len(answer.context["items"]) == len(seen)


def test_one_refusal_leaves_the_others_done(client, world, monkeypatch):
    first, second = (world.active(identity=world.make_identity(f"robot-{number}")) for number in range(2))
    client.force_login(world.olga)
    carry_out = bulk.ACTS["complete"].perform

    def overtaken(case, user, at, said):
        if case == first:
            services.revoke(case=case, actor=world.connie, at=at, reason="Leaked.")
        return carry_out(case, user, at, said)

    monkeypatch.setitem(bulk.ACTS, "complete", bulk.Act(**{**vars(bulk.ACTS["complete"]), "perform": overtaken}))
    answer = client.post(
        "/exceptions/bulk/",
        {"act": "complete", "case": [first.reference, second.reference], "reason": "The need is over."},
    )

    refusals = [item.refusal for item in answer.context["items"]]
    assert refusals == [f"{first.reference} is revoked; this is no longer possible.", ""]
    assert (fresh(first).state, fresh(second).state) == ("revoked", "closed")


@pytest.mark.parametrize("said", [{"reason": " "}, {"reason": "Leaked.", "confirm": "7"}, {"reason": "Leaked."}])
def test_bulk_revocation_asks_for_a_reason_and_for_their_number(client, world, said):
    case = world.active()
    client.force_login(world.olga)

    answer = client.post("/exceptions/bulk/", {"act": "revoke", "case": [case.reference], **said})

    assert answer.context["form"].errors
    assert fresh(case).state == "active"


def test_bulk_offers_ownership_and_the_person_accepts_on_the_case(client, world):
    case, nina = world.active(), world.person("Nina")
    client.force_login(world.olga)
    client.post(
        "/exceptions/bulk/",
        {"act": "offer", "case": [case.reference], "to": "nina@example.org", "reason": "I move on."},
    )
    assert fresh(case).owner == world.olga
    client.force_login(nina)

    assert "You are asked to take over an exception" in client.get("/").content.decode()
    shown = client.get(f"/exceptions/{case.reference}/").content.decode()
    assert "asked to own this exception" in shown
    assert re.search(
        r"What comes with it:.*asks you: “I move on\.”.*It ends on .*Others verify its safeguard\..*it changes hands",
        shown,
        re.DOTALL,
    )
    client.post(f"/exceptions/{case.reference}/ownership-acceptance/", {"answer": "accept"})

    assert fresh(case).owner == nina


@pytest.mark.parametrize("to", ["nobody@example.org", "o", ""])
def test_a_name_that_is_not_one_persons_is_asked_again(client, world, to):
    case = world.active()
    client.force_login(world.olga)

    answer = client.post(f"/exceptions/{case.reference}/ownership/", {"to": to, "reason": "I move on."})

    assert "to" in answer.context["form"].errors
    assert not OwnershipOffer.objects.exists()


def test_the_calendar_counts_the_ends_of_each_day_and_leads_to_them(client, world):
    cases = [world.active(identity=world.make_identity(f"robot-{number}")) for number in range(2)]
    client.force_login(world.audrey)
    day = localdate(cases[0].expires_at)

    page = client.get("/exceptions/calendar/", {"month": f"{day:%Y-%m}", "identity": "robot", "ending": "7"})

    (found_day,) = [one for one in page.context["days"] if one.number]
    assert (found_day.day, found_day.number) == (day, 2)
    listed = client.get(found_day.href)
    assert [line.case.pk for line in listed.context["lines"]] == sorted(case.pk for case in cases)
    assert [chip["label"] for chip in page.context["chips"]] == ["Identity"]


def test_the_calendar_shows_what_the_person_may_see(client, world):
    case = world.active()
    client.force_login(world.mallory)

    page = client.get("/exceptions/calendar/", {"month": f"{localdate(case.expires_at):%Y-%m}"})

    assert page.context["number"] == 0


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("name", ["ends_from", "ends_until", "filed_from", "filed_until"])
def test_a_day_beyond_all_calendars_narrows_nothing(client, world, day, name):
    people.change_profile(user=world.audrey, actor=world.audrey, at=world.start, time_zone="Asia/Tokyo")
    case = world.active()
    client.force_login(world.audrey)

    assert found(client, **{name: day}) == [case.reference]


@pytest.mark.parametrize("month", ["", "x", "2026-13", "0001-01", "9999-12", "2026-1-1"])
def test_a_month_that_is_none_is_this_one(client, world, month):
    client.force_login(world.audrey)

    page = client.get("/exceptions/calendar/", {"month": month})

    assert page.context["first"] == localdate().replace(day=1)


def test_bulk_claims_imported_drafts_and_refuses_what_somebody_has(client, world):
    found = [formats.read("shop/.snyk", b"version: v1\nignore:\n  SNYK-JS-A-1:\n    - '*': {reason: Unused}\n")]
    waivers.import_files(files=found, actor=None, at=world.start, zone=ZoneInfo("UTC"))
    imported, own = ExceptionCase.objects.get(requester=None), world.draft()
    client.force_login(world.alice)
    marked = [imported.reference, own.reference]

    page = client.get("/exceptions/bulk/", {"act": "claim", "case": marked})
    answer = client.post("/exceptions/bulk/", {"act": "claim", "case": marked})

    assert [bool(item.refusal) for item in page.context["items"]] == [False, True]
    assert [bool(item.refusal) for item in answer.context["items"]] == [False, True]
    assert (fresh(imported).requester, fresh(imported).owner) == (world.alice, world.alice)
