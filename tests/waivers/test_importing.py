"""Files become drafts that are nobody's: once, all or nothing, never more than drafts; a claimed one is left alone."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError

from accounts.errors import NotAllowed, NotPossible
from audit.models import Event
from audit.verify import verify
from exceptions_app import judges, rules
from exceptions_app import services as register
from exceptions_app.models import ExceptionCase, State
from exceptions_app.queries.sight import sight_of
from exceptions_app.services import DraftImport, Filling, SafeguardContent
from tests.exceptions_app.world import DAY, HOUR, fresh
from tests.waivers.files import NAMES, content
from waivers import formats, planning, services
from waivers.models import ImportRun, Source
from waivers.planning import Fate

UTC = ZoneInfo("UTC")
SNYK = b"""version: v1
ignore:
  SNYK-JS-A-1:
    - '*':
        reason: Not reachable
        expires: 2026-12-31
  SNYK-JS-B-2:
    - 'web > b':
        reason: None Given
"""


def bring(world, text=SNYK, name="shop/.snyk", actor=None, at=None):
    found = [formats.read(name, text)]
    return services.import_files(files=found, actor=actor, at=at or world.start, zone=UTC)


def drafts():
    return {source.key: source.case for source in Source.objects.select_related("case")}


def test_every_entry_becomes_a_draft_that_is_nobodys(world):
    made, run = bring(world)

    first, second = drafts()["SNYK-JS-A-1/*"], drafts()["SNYK-JS-B-2/web > b"]
    assert (made.count(Fate.NEW), run.by) == (2, None)
    for case in (first, second):
        assert case.state == State.DRAFT
        assert {case.requester, case.owner, case.control, case.identity} == {None}
    assert (first.title, first.justification) == ("Snyk ignores SNYK-JS-A-1", "Not reachable")
    assert (first.end_on, first.end_zone) == (date(2026, 12, 31), "UTC")
    assert [(g.system, g.actions, g.resource) for g in first.grants.all()] == [(None, ["ignore"], "SNYK-JS-A-1")]
    assert (second.justification, second.end_on) == ("", None)
    assert "“None Given”" in second.blocked
    assert second.grants.get().conditions == "Only where: web > b"


def test_the_source_names_file_line_key_and_what_was_read(world):
    _made, run = bring(world)

    source = Source.objects.get(key="SNYK-JS-B-2/web > b")
    assert (source.file, source.line, source.format) == ("shop/.snyk", 8, "snyk")
    assert source.facts["reason"] == "None Given"
    assert source.first_read == run.files.get()
    assert run.files.get().sha256 == formats.read("x.snyk", SNYK).sha256


def test_the_record_holds_together(world):
    bring(world)
    bring(world, SNYK.replace(b"Not reachable", b"Not reachable yet"), at=world.start + DAY)
    bring(world, SNYK[: SNYK.index(b"  SNYK-JS-B-2")], at=world.start + 2 * DAY)

    assert not verify().differences
    assert Source.history.count() == 5  # two added, one changed and changed back, one gone


def test_the_same_file_again_changes_nothing(world):
    bring(world)
    events, runs = Event.objects.count(), ImportRun.objects.count()

    made, run = bring(world, at=world.start + DAY)

    assert (made.count(Fate.UNCHANGED), run) == (2, None)
    assert (Event.objects.count(), ImportRun.objects.count()) == (events, runs)


def test_lines_that_move_change_the_source_and_not_the_draft(world):
    bring(world)
    versions = ExceptionCase.history.count()

    made, _run = bring(world, b"# pushed down\n" + SNYK, at=world.start + DAY)

    assert made.count(Fate.MOVED) == 2
    assert Source.objects.get(key="SNYK-JS-A-1/*").line == 5
    assert ExceptionCase.history.count() == versions


def test_an_untouched_draft_follows_its_entry(world):
    bring(world)

    made, _run = bring(world, SNYK.replace(b"2026-12-31", b"2027-01-31"), at=world.start + DAY)

    case = drafts()["SNYK-JS-A-1/*"]
    assert made.count(Fate.UPDATED) == 1
    assert case.end_on == date(2027, 1, 31)
    assert Event.objects.filter(kind="case.reimported").count() == 1


def test_a_claimed_draft_is_left_and_what_differs_is_told_each_time(world):
    bring(world)
    register.claim(case=drafts()["SNYK-JS-A-1/*"], actor=world.alice, at=world.start)

    for day in (1, 2):
        made, run = bring(world, SNYK.replace(b"2026-12-31", b"2027-01-31"), at=world.start + day * DAY)

        [item] = made.files[0].of(Fate.LEFT)
        assert item.differs == ("end was “2026-12-31”, is “2027-01-31”",)
        assert run is None
    assert drafts()["SNYK-JS-A-1/*"].end_on == date(2026, 12, 31)


def test_a_draft_others_claimed_shows_nothing_of_itself_whatever_the_file_says(world):
    bring(world)
    register.claim(case=drafts()["SNYK-JS-A-1/*"], actor=world.alice, at=world.start)

    for text in (SNYK, SNYK.replace(b"Not reachable", b"A guess"), b"# pushed down\n" + SNYK):
        made, _run = bring(world, text, actor=world.mallory, at=world.start + DAY)

        [item] = made.files[0].of(Fate.LEFT)
        assert (item.waiver.key, item.source, item.differs) == ("SNYK-JS-A-1/*", None, ())
    assert Source.objects.get(key="SNYK-JS-A-1/*").line == 4


@pytest.mark.parametrize("text", [b"version: v1\nignore: {}\n", SNYK.replace(b"2026-12-31", b"soon")])
def test_a_draft_others_claimed_is_not_named_where_the_file_no_longer_holds_it(text, world):
    bring(world)
    register.claim(case=drafts()["SNYK-JS-A-1/*"], actor=world.alice, at=world.start)

    made, _run = bring(world, text, actor=world.mallory, at=world.start + DAY)

    [file] = made.files
    assert "SNYK-JS-A-1/*" not in {source.key for source in [*file.vanished, *file.unread]}


@pytest.mark.parametrize(
    ("importer", "is_marked"), [("mallory", False), ("alice", True), ("petra", True), (None, True)]
)
def test_a_claimed_draft_is_marked_gone_only_by_who_sees_it_and_by_the_command_line(importer, is_marked, world):
    bring(world)
    register.claim(case=drafts()["SNYK-JS-A-1/*"], actor=world.alice, at=world.start)

    actor = getattr(world, importer) if importer else None
    _made, run = bring(world, b"version: v1\nignore: {}\n", actor=actor, at=world.start + DAY)

    assert (Source.objects.get(key="SNYK-JS-A-1/*").gone_at is not None) == is_marked
    assert Source.objects.get(key="SNYK-JS-B-2/web > b").gone_at is not None
    notes = [sentence for _line, sentence in run.files.get().notes]
    assert [("1 entry that somebody else has claimed" in sentence) for sentence in notes] == (
        [] if is_marked else [True]
    )


def test_what_is_gone_from_the_file_is_named_and_marked_and_comes_back(world):
    bring(world)
    shorter = SNYK[: SNYK.index(b"  SNYK-JS-B-2")]

    made, _run = bring(world, shorter, at=world.start + DAY)
    assert [source.key for source in made.files[0].vanished] == ["SNYK-JS-B-2/web > b"]
    assert Source.objects.get(key="SNYK-JS-B-2/web > b").gone_at == world.start + DAY
    assert ExceptionCase.objects.count() == 2
    again, run = bring(world, shorter, at=world.start + 2 * DAY)
    assert (again.vanished, run) == (0, None)

    bring(world, at=world.start + 3 * DAY)
    assert Source.objects.get(key="SNYK-JS-B-2/web > b").gone_at is None


def test_nothing_counts_as_gone_where_an_entry_could_not_be_read(world):
    bring(world)

    made, run = bring(world, SNYK.replace(b"2026-12-31", b"2026-31-12"), at=world.start + DAY)

    assert made.problems == 1
    assert (made.vanished, len(made.files[0].unread), run) == (0, 1, None)


def test_a_refused_file_brings_nothing_and_the_rest_goes_on(world):
    found = [formats.read("a/.snyk", b"ignore: ["), formats.read("b/.snyk", SNYK), formats.read("c.txt", b"x")]

    made, _run = services.import_files(files=found, actor=None, at=world.start, zone=UTC)

    assert [plan.findings.file for plan in made.refused] == ["a/.snyk"]
    assert made.skipped == ["c.txt"]
    assert {source.file for source in Source.objects.all()} == {"b/.snyk"}


def test_an_import_that_another_overtook_says_so(world, monkeypatch):
    stale = planning.plan([formats.read("shop/.snyk", SNYK)], actor=None, zone=UTC, at=world.start)
    bring(world)
    monkeypatch.setattr(services, "plan", lambda *_args, **_words: stale)

    with pytest.raises(NotPossible, match="Somebody is importing the same file"):
        bring(world)


def test_a_constraint_that_no_other_import_breaks_is_no_race(world, monkeypatch):
    monkeypatch.setattr("waivers.drafting.digest", lambda waiver: "none")

    with pytest.raises(IntegrityError):
        bring(world)


def test_two_files_of_one_name_are_not_mistaken_for_each_other(world):
    found = [formats.read(".snyk", SNYK), formats.read(".snyk", SNYK)]

    made, _run = services.import_files(files=found, actor=None, at=world.start, zone=UTC)

    assert [plan.findings.refused for plan in made.files] == [False, True]


def test_what_is_missing_is_said_in_one_sentence(world):
    made, _run = bring(world)

    assert made.missing.sentence == (
        "2 exceptions: 1 has no end, 0 are past it, 1 gives no reason, all need an owner, a control and an identity."
    )


def test_an_auditor_imports_nothing(world):
    with pytest.raises(NotAllowed):
        bring(world, actor=world.audrey)

    assert not ExceptionCase.objects.exists()


def test_a_file_cannot_give_what_is_a_persons_to_give(world):
    for name in ("control", "owner", "risk_tier", "state"):
        with pytest.raises(ValueError, match="person's to give"):
            DraftImport(register.DraftContent({name: "x"}), {})


@pytest.mark.parametrize("name", NAMES)
def test_every_format_becomes_drafts(name, world):
    found = formats.read(name, content(name))

    services.import_files(files=[found], actor=world.alice, at=world.start, zone=UTC)

    assert set(ExceptionCase.objects.values_list("state", flat=True)) == {State.DRAFT}
    assert ExceptionCase.objects.count() == len(found.waivers)
    assert all(case.title and case.blocked for case in ExceptionCase.objects.all())


# Claiming


def filling(world, **fields):
    given = {
        "control": world.control,
        "identity": world.identity,
        "normal_path": "No release has the fix.",
        "justification": "The shop has to ship.",
        "if_conditions_change": "Turn the feature off.",
        "exit_plan": "The next release has it.",
        "likelihood": 2,
        "impact": 3,
        "term_days": 30,
        "remediation_on": (world.start + 60 * DAY).date(),
    } | fields
    return Filling(
        given, system=world.system, safeguard=SafeguardContent("monitoring", "Alerts on use", required=False)
    )


def test_who_claims_asks_and_owns_and_counts_as_one_who_gains(world):
    bring(world)

    case = register.claim(case=drafts()["SNYK-JS-B-2/web > b"], actor=world.alice, at=world.start)

    assert (case.requester, case.owner) == (world.alice, world.alice)
    assert world.alice.pk in judges.gaining_ids(case, world.start)
    assert Event.objects.filter(kind="case.claimed", actor_id=world.alice.pseudonym).count() == 1


def test_a_claim_fills_what_is_empty_and_overwrites_nothing_but_a_past_end(world):
    bring(world, SNYK.replace(b"2026-12-31", b"2020-01-01"))

    case = register.claim(
        case=drafts()["SNYK-JS-A-1/*"], actor=world.alice, at=world.start, filling=filling(world, owner=world.olga)
    )

    assert (case.justification, case.owner) == ("Not reachable", world.olga)
    assert (case.term_days, case.end_on) == (30, None)
    assert case.credential_form == world.identity.credential_form
    assert case.grants.get().system == world.system


def test_a_standing_end_stays(world):
    bring(world, SNYK.replace(b"2026-12-31", b"2026-05-01"))

    case = register.claim(case=drafts()["SNYK-JS-A-1/*"], actor=world.alice, at=world.start, filling=filling(world))

    assert (case.term_days, case.end_on) == (None, date(2026, 5, 1))


def test_an_end_further_away_than_the_control_allows_gives_way(world):
    bring(world, SNYK.replace(b"2026-12-31", b"2099-01-01"))

    case = register.claim(case=drafts()["SNYK-JS-A-1/*"], actor=world.alice, at=world.start, filling=filling(world))

    assert (case.term_days, case.end_on) == (30, None)


def test_a_filled_claim_can_be_submitted_and_is_decided_by_others(world):
    bring(world)
    case = register.claim(
        case=drafts()["SNYK-JS-B-2/web > b"], actor=world.alice, at=world.start, filling=filling(world)
    )

    asked = world.submit(case, world.start + HOUR)

    assert asked.state == State.REQUESTED
    assert rules.why_not(world.alice, "decide", asked, world.start + HOUR)
    assert rules.why_not(world.bob, "decide", asked, world.start + HOUR) is None


def test_who_imported_the_file_counts_as_a_writer_and_does_not_decide(world):
    bring(world, actor=world.bob)
    case = register.claim(
        case=drafts()["SNYK-JS-B-2/web > b"], actor=world.alice, at=world.start, filling=filling(world)
    )
    asked = world.submit(case, world.start + HOUR)

    assert rules.why_not(world.bob, "decide", asked, world.start + HOUR)
    assert rules.why_not(world.carol, "decide", asked, world.start + HOUR) is None


def test_nobody_claims_twice_and_nobody_edits_or_submits_what_is_unclaimed(world):
    bring(world, actor=world.bob)
    case = drafts()["SNYK-JS-B-2/web > b"]

    for verb in ("edit", "submit", "withdraw"):
        for person in (world.alice, world.bob, world.petra):
            assert rules.not_for(person, verb, case, world.start)
    register.claim(case=case, actor=world.alice, at=world.start)
    with pytest.raises(NotAllowed, match="already"):
        register.claim(case=fresh(case), actor=world.mallory, at=world.start)
    with pytest.raises(NotAllowed):
        register.claim(case=drafts()["SNYK-JS-A-1/*"], actor=world.audrey, at=world.start)


def test_an_unclaimed_draft_exists_for_everyone_and_a_claimed_one_for_its_people(world):
    bring(world)
    case = drafts()["SNYK-JS-A-1/*"]
    own = world.draft(actor=world.olga)

    for person in (world.alice, world.mallory, world.audrey, world.petra):
        assert case in ExceptionCase.objects.visible_to(person)
        assert case in sight_of(person)
    assert own not in ExceptionCase.objects.visible_to(world.mallory)
    register.claim(case=case, actor=world.alice, at=world.start)
    assert case not in ExceptionCase.objects.visible_to(world.mallory)
    assert case not in sight_of(world.mallory)
