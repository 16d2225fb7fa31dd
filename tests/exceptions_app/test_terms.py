"""The two clocks, and the zones they are read in (promise 8)."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.errors import NotPossible
from catalog.models import Tier
from catalog.services import change_control
from exceptions_app import services, terms
from exceptions_app.models import ExceptionCase, Period
from tests.exceptions_app.reading import body, refused
from tests.exceptions_app.world import DAY, HOUR, SINCE, START, fresh, shown

CAPS = {Tier.LOW: (180, 365), Tier.MODERATE: (90, 180), Tier.HIGH: (30, 90), Tier.CRITICAL: (14, 28)}
SCORES = {Tier.LOW: (1, 2), Tier.MODERATE: (3, 3), Tier.HIGH: (4, 4), Tier.CRITICAL: (5, 5)}


def scored(tier):
    likelihood, impact = SCORES[tier]
    return {"likelihood": likelihood, "impact": impact}


@pytest.fixture
def low(world):
    """A control that puts no floor under the tier."""
    return world.make_control("NHI-LOW-01", severity=Tier.LOW)


@pytest.mark.django_db
@pytest.mark.parametrize("tier", Tier)
def test_a_term_reaches_its_cap_and_no_further(world, low, tier):
    cap, _life = CAPS[tier]
    fields = {"control": low, "credential_form": "none", **scored(tier)}

    case = world.active(term_days=cap, **fields)
    assert (case.risk_tier, case.expires_at) == (tier, START + cap * DAY)

    draft = world.draft(identity=world.make_identity("payroll"), term_days=cap + 1, **fields)
    with refused(NotPossible, draft, says=f"{cap + 1} days is too long") as caught:
        world.submit(draft, START)
    assert "term_days" in caught.value.fields


@pytest.mark.django_db
@pytest.mark.parametrize("tier", Tier)
def test_the_lifetime_is_shared_by_all_cases_of_the_pair(world, low, tier):
    cap, life = CAPS[tier]
    fields = {"control": low, "credential_form": "none", **scored(tier)}
    at, used = START, 0
    while used < life:
        days = min(cap, life - used)
        case = world.active(at, term_days=days, remediation_on=(at + DAY).date(), **fields)
        used += days
        at = case.expires_at + DAY

    draft = world.draft(at, term_days=1, remediation_on=(at + DAY).date(), **fields)
    with refused(NotPossible, draft, says=f"All {life} days are used up"):
        world.submit(draft, at)
    assert world.draft(at, **fields | {"identity": world.make_identity("payroll")}).state == "draft"


@pytest.mark.django_db
def test_a_gap_of_a_whole_lifetime_resets_the_chain_and_a_shorter_one_does_not(world):
    case = world.active(term_days=90)
    end, life = case.expires_at, 180 * DAY
    again = world.active(end + life - HOUR, term_days=90, remediation_on=(end + life).date())
    assert again.renewal_number == 1, "filing anew is a renewal, whatever it is called"
    assert terms.lifetime_left(again, 180, again.expires_at) == timedelta()

    late = again.expires_at + life
    fresh_start = world.active(late, term_days=90, remediation_on=late.date())

    assert fresh_start.renewal_number == 0
    assert terms.lifetime_left(fresh_start, 180, fresh_start.expires_at) == 90 * DAY


@pytest.mark.django_db
def test_duplicating_does_not_escape_the_count(world):
    case = world.closed(term_days=90)
    at = case.ended_at + DAY
    copy = services.duplicate(case=case, actor=world.person("Another"), at=at)
    services.save_draft(
        case=copy,
        actor=world.person("Another"),
        at=at,
        version=1,
        content=services.DraftContent({"remediation_on": at.date(), "owner": world.olga, **SINCE}),
    )

    copy = world.submit(copy, at, actor=world.person("Another"))

    assert (copy.renews, copy.renewal_number) == (None, 1)
    assert terms.lifetime_left(copy, 180, at) == 90 * DAY


@pytest.mark.django_db
def test_overlapping_cases_count_once(world):
    world.active(term_days=90)
    world.active(START + 30 * DAY, term_days=90)

    left = terms.lifetime_left(ExceptionCase(control=world.control, identity=world.identity), 180, START + 120 * DAY)

    assert left == 60 * DAY


@pytest.mark.django_db
def test_activation_cuts_to_what_is_left(world):
    """It was approved while more was allowed."""
    world.active(term_days=90)
    second = world.approved(term_days=90)
    control = second.control
    change_control(control=control, actor=None, at=START + DAY, version=control.version, lifetime_cap_moderate=100)

    second = world.activate(second, START + 13 * DAY)

    assert second.expires_at == START + 23 * DAY


@pytest.mark.django_db
def test_what_ended_early_gives_back_its_days(world):
    case = world.active(term_days=90)
    services.complete(case=case, actor=world.alice, at=START + 10 * DAY, reason="Replaced.")

    assert terms.lifetime_left(fresh(case), 180, START + 20 * DAY) == 170 * DAY


@pytest.mark.django_db
def test_a_resumed_case_does_not_exceed_the_lifetime_others_used_meanwhile(world):
    first = world.active(term_days=90)
    services.suspend(case=first, actor=world.connie, at=START + DAY, reason="Odd calls.")
    second = world.active(START + DAY, term_days=90)
    world.tended(second, START + 80 * DAY)
    services.complete(case=second, actor=world.alice, at=START + 80 * DAY, reason="Replaced.")
    world.tended(first, START + 81 * DAY)
    short = world.make_control  # noqa: F841 — the pair stays the same
    narrow(world, 85)

    at = START + 81 * DAY
    resumed = services.resume(case=first, actor=world.bob, at=at, statement="All well.", seen=shown(first, at))

    assert terms.time_in_force(Period.objects.all()) <= 85 * DAY
    assert resumed.expires_at == START + 86 * DAY
    assert fresh(resumed).expires_at == fresh(resumed).relied_until_at == fresh(resumed).periods.last().until_at
    assert body(resumed, "case.resumed")["until_at"].startswith(f"{resumed.expires_at:%Y-%m-%d}")


@pytest.mark.django_db
def test_a_case_is_not_resumed_when_nothing_is_left(world):
    first = world.active(term_days=90)
    services.suspend(case=first, actor=world.connie, at=START + DAY, reason="Odd calls.")
    world.active(START + DAY, term_days=60)
    narrow(world, 61)

    with refused(NotPossible, first, says="lifetime"):
        services.resume(case=first, actor=world.bob, at=START + 62 * DAY, statement="All well.")


def narrow(world, life):
    """Cut the lifetime caps afterwards, as a programme manager might."""
    from catalog import services as catalog

    catalog.change_control(
        control=world.control,
        version=1,
        actor=None,
        at=START,
        term_cap_moderate=life,
        lifetime_cap_moderate=life,
        lifetime_cap_high=min(life, 90),
        term_cap_high=30,
    )


@pytest.mark.django_db
def test_terms_only_shrink_after_activation(world):
    case = world.active()
    end = case.expires_at
    services.suspend(case=case, actor=world.connie, at=START + DAY, reason="Odd calls.")

    case = services.resume(case=case, actor=world.bob, at=START + 9 * DAY, statement="All well.")

    assert case.expires_at == end
    assert [period.until_at for period in case.periods.order_by("pk")] == [START + DAY, end]


@pytest.mark.django_db
def test_an_end_never_passes_the_latest_one_asked(world):
    case = world.approved(end_on=date(2026, 4, 1), end_zone="Europe/Stockholm", term_days=None)

    case = world.activate(case, START + 10 * DAY)

    assert case.expires_at == datetime(2026, 4, 1, 21, 59, 59, tzinfo=UTC) == case.latest_end_at


@pytest.mark.django_db
def test_a_term_counts_from_activation(world):
    case = world.activate(world.approved(term_days=30), START + 13 * DAY)

    assert case.expires_at == START + 43 * DAY <= case.latest_end_at


# Zones


@pytest.mark.parametrize(
    ("day", "zone", "instant"),
    [
        (date(2026, 3, 28), "Europe/Stockholm", "2026-03-28T22:59:59+00:00"),
        (date(2026, 3, 29), "Europe/Stockholm", "2026-03-29T21:59:59+00:00"),  # clocks went forward that night
        (date(2026, 10, 24), "Europe/Stockholm", "2026-10-24T21:59:59+00:00"),
        (date(2026, 10, 25), "Europe/Stockholm", "2026-10-25T22:59:59+00:00"),  # and back
        (date(2026, 6, 1), "Pacific/Kiritimati", "2026-06-01T09:59:59+00:00"),
        (date(2026, 6, 1), "Pacific/Pago_Pago", "2026-06-02T10:59:59+00:00"),
        (date(2026, 6, 1), "Asia/Kathmandu", "2026-06-01T18:14:59+00:00"),
        (date(2026, 6, 1), "UTC", "2026-06-01T23:59:59+00:00"),
    ],
)
def test_an_end_date_is_the_last_second_of_the_day_in_its_zone(day, zone, instant):
    assert terms.end_of_day(day, zone).astimezone(UTC).isoformat() == instant


@given(
    day=st.dates(date(2020, 1, 1), date(2037, 12, 30)),
    zone=st.sampled_from(["Europe/Stockholm", "America/New_York", "Africa/Casablanca", "Australia/Lord_Howe", "UTC"]),
)
def test_the_second_after_an_end_date_is_another_day(day, zone):
    end = terms.end_of_day(day, zone).astimezone(UTC)

    assert end.astimezone(ZoneInfo(zone)).date() == day
    assert (end + timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date() == day + timedelta(days=1)


@pytest.mark.django_db
def test_days_to_an_end_date_are_counted_on_the_calendar_of_its_zone(world):
    """Across the change to summer time, ninety calendar days are ninety days, an hour less on the clock."""
    asked = {"end_on": (START + 90 * DAY).date(), "end_zone": "Europe/Stockholm", "term_days": None}

    case = world.active(**asked)

    assert case.expires_at - case.activated_at == 90 * DAY, "cut to the cap's exact length"
    draft = world.draft(identity=world.make_identity("payroll"), **asked | {"end_on": (START + 91 * DAY).date()})
    with refused(NotPossible, draft, says="91 days is too long"):
        world.submit(draft, START)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"term_days": None}, "Nothing is open-ended"),
        ({"end_on": date(2026, 4, 1), "end_zone": "UTC"}, "not both"),
        ({"term_days": None, "end_on": date(2026, 4, 1), "end_zone": "Mars/Base"}, "time zone"),
        ({"term_days": None, "end_on": date(2026, 4, 1), "end_zone": ""}, "time zone"),
        ({"term_days": None, "end_on": date(2026, 3, 1), "end_zone": "UTC"}, "before the start"),
        ({"planned_start_at": START - 2 * DAY}, "planned start is past"),
        ({"planned_start_at": START + 366 * DAY}, "more than 365 days away"),
    ],
    ids=str,
)
def test_an_end_that_is_none_is_refused(world, fields, says):
    draft = world.draft(**fields)

    with refused(NotPossible, draft, says=says):
        world.submit(draft, START)


# The union of periods


def period(begin, end):
    return SimpleNamespace(from_at=START + begin * HOUR, until_at=START + end * HOUR)


SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(sorted), max_size=8)


@given(SPANS)
def test_time_in_force_is_the_number_of_hours_in_any_period(spans):
    hours = {hour for begin, end in spans for hour in range(begin, end)}

    assert terms.time_in_force(period(*span) for span in spans) == len(hours) * HOUR
