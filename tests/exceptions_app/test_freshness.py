"""Safeguards are checked or the exception stops counting: no worker is needed for that, and only a person undoes it."""

import pytest
from django.conf import settings

from accounts.errors import NotAllowed, NotPossible, Stale
from catalog import services as catalog
from catalog.models import Tier
from exceptions_app import freshness, services
from exceptions_app.freshness import BY_CHECK, BY_PERSON, GRACE, Freshness
from exceptions_app.models import ExceptionCase, Period
from exceptions_app.services import SafeguardContent
from tests.exceptions_app.reading import assert_intact, body, events, last, refused
from tests.exceptions_app.test_constraints import set_on
from tests.exceptions_app.world import DAY, HOUR, START, fresh, stand_in

pytestmark = pytest.mark.django_db
HOLDS, PATIENCE = BY_PERSON[Tier.MODERATE], GRACE[Tier.MODERATE]
FALLS = START + HOLDS + PATIENCE


def verify(case, at, actor, number=0):
    guard = case.safeguards.order_by("pk")[number]
    return services.verify_safeguard(safeguard=guard, actor=actor, at=at, statement="It fires.")


def approved(world, **fields):
    """It starts once its safeguard is verified."""
    return world.approved(safeguards=[world.safeguard(required=True)], **fields)


def in_force(world, **fields):
    case = approved(world, **fields)
    verify(case, START, world.bob)
    return world.activate(case, START)


def fail(case, at, actor):
    return services.report_failure(safeguard=case.safeguards.get(), actor=actor, at=at, reason="The rule was deleted.")


def resume(case, at, actor):
    return services.resume(case=case, actor=actor, at=at, statement="All well.")


def test_a_verification_holds_for_a_time_and_is_due_in_its_last_fifth(world):
    case = in_force(world, term_days=90)
    guard = case.safeguards.get()

    told = [freshness.freshness(guard, START + days * DAY) for days in (0, 23, 24, 29, 30)]

    assert told == [Freshness.FRESH, Freshness.FRESH, Freshness.DUE, Freshness.DUE, Freshness.STALE]
    assert case.relied_until_at == FALLS


def test_with_every_worker_stopped_an_exception_whose_safeguard_is_stale_is_out_of_force_after_the_grace(world):
    case = in_force(world, term_days=90)

    assert case.is_in_force(START + HOLDS), "stale, and in its grace"
    assert case.is_in_force(FALLS - HOUR)
    assert not case.is_in_force(FALLS)
    assert case.state == "active", "nobody has recorded anything"
    assert case.standing_at(FALLS) == ("suspended", "")
    assert list(ExceptionCase.objects.standing(["suspended"], FALLS)) == [case]
    assert not ExceptionCase.objects.standing(["active", "expiring", "closed"], FALLS).exists()
    assert case.standing_at(case.expires_at)[0] == "closed"


def test_the_sweep_suspends_it_from_the_instant_at_which_it_fell(world):
    case = in_force(world, term_days=90)

    assert services.fall_many(keys=[case.pk], at=FALLS - HOUR) == []
    assert services.fall(case=case, at=FALLS + DAY)
    assert not services.fall(case=case, at=FALLS + DAY)

    case = fresh(case)
    assert (case.state, case.suspended_at) == ("suspended", FALLS)
    assert Period.objects.get().until_at == FALLS
    assert (last(case).kind, last(case).actor_kind, last(case).at) == ("case.suspended", "clock", FALLS + DAY)
    assert "was not verified in time" in body(case, "case.suspended")["reason"]
    assert_intact()


def test_verified_in_time_it_goes_on(world):
    case = in_force(world, term_days=90)

    verify(case, START + 29 * DAY, world.bob)

    case = fresh(case)
    assert case.relied_until_at == START + 29 * DAY + HOLDS + PATIENCE
    assert case.is_in_force(FALLS)
    assert body(case, "safeguard.verified")["relied_until_at"].startswith(f"{case.relied_until_at:%Y-%m-%d}")
    assert_intact()


def test_it_never_outlasts_its_end_however_fresh_its_safeguards_are(world):
    case = in_force(world, term_days=31)

    verify(case, START + 29 * DAY, world.bob)

    assert fresh(case).relied_until_at == case.expires_at


def test_verifying_what_has_fallen_brings_nothing_back_not_even_where_no_sweep_came(world):
    case = in_force(world, term_days=90)

    verify(case, FALLS + DAY, world.bob)

    case = fresh(case)
    assert (case.state, case.suspended_at) == ("suspended", FALLS)
    assert events(case)[-2:] == ["case.suspended", "safeguard.verified"]
    for at in (FALLS, FALLS + HOUR, FALLS + DAY, FALLS + 2 * DAY):
        assert not case.is_in_force(at)
    assert case.is_in_force(FALLS - HOUR)
    assert_intact()


def test_mended_and_verified_it_is_resumed_by_someone_who_does_not_gain(world):
    case = in_force(world, term_days=90)
    at = FALLS + DAY

    with refused(NotPossible, case, says="Verify these safeguards first"):
        resume(case, at, world.bob)
    verify(case, at, world.bob)
    with refused(NotAllowed, case, says="gain"):
        resume(case, at, world.alice)
    case = resume(case, at, world.bob)

    assert case.state == "active"
    assert case.is_in_force(at)
    assert not case.is_in_force(FALLS)
    assert case.relied_until_at == at + HOLDS + PATIENCE
    assert [period.until_at for period in case.periods.order_by("pk")] == [FALLS, case.expires_at]
    assert_intact()


def test_what_fails_is_out_of_force_after_the_grace(world):
    case = in_force(world, term_days=90)

    fail(case, START + 5 * DAY, world.alice)

    case = fresh(case)
    assert freshness.freshness(case.safeguards.get(), START + 5 * DAY) == Freshness.FAILED
    assert case.is_in_force(START + 5 * DAY + PATIENCE - HOUR)
    assert not case.is_in_force(START + 5 * DAY + PATIENCE)
    with refused(NotPossible, case, says="known to have failed"):
        fail(case, START + 6 * DAY, world.alice)
    assert services.fall(case=case, at=START + 9 * DAY)
    assert "failed and was not mended" in body(case, "case.suspended")["reason"]
    assert_intact()


def test_what_was_mended_in_its_grace_stays_in_force(world):
    case = in_force(world, term_days=90)
    fail(case, START + 5 * DAY, world.alice)

    guard = verify(case, START + 6 * DAY, world.connie)

    assert (guard.failed_at, guard.failure) == (None, "")
    assert fresh(case).relied_until_at == START + 6 * DAY + HOLDS + PATIENCE


def test_whoever_has_nothing_to_do_with_it_reports_nothing(world):
    case = in_force(world)

    for person in (world.mallory, world.audrey):
        with refused(NotAllowed, case):
            fail(case, START + DAY, person)
    for person in (world.olga, world.connie, world.petra, world.sven):
        fail(case, START + DAY, person)
        verify(case, START + DAY, world.bob)


def test_a_failing_safeguard_holds_the_start_back_and_a_stale_one_too(world):
    failing = approved(world)
    verify(failing, START, world.bob)
    fail(failing, START + HOUR, world.bob)
    stale = approved(world, planned_start_at=START + 40 * DAY, identity=world.make_identity("svc-later"))
    verify(stale, START, world.bob)

    assert world.activate(failing, START + 2 * HOUR).state == "approved"
    assert world.activate(stale, START + 41 * DAY).state == "approved"
    verify(failing, START + 3 * HOUR, world.bob)
    verify(stale, START + 41 * DAY, world.bob)
    assert world.activate(failing, START + 3 * HOUR).state == "active"
    assert world.activate(stale, START + 41 * DAY).state == "active"


def test_what_was_not_required_before_the_start_is_verified_within_the_same_time_from_then_on(world):
    guards = (
        SafeguardContent("monitoring", "Alerts on use.", required=False),
        SafeguardContent("rotation", "Rotated weekly.", required=False),
    )
    case = world.active(term_days=90, safeguards=guards)
    verify(case, START + 29 * DAY, world.bob, number=0)

    assert fresh(case).relied_until_at == FALLS, "by the one nobody verified"
    verify(case, START + 31 * DAY, world.bob, number=1)
    assert fresh(case).relied_until_at == START + 29 * DAY + HOLDS + PATIENCE


def test_a_risk_that_is_raised_shortens_what_was_verified(world):
    case = world.requested()
    verify(case, START, world.bob)
    assert case.safeguards.get().fresh_until_at == START + BY_PERSON[Tier.MODERATE]

    services.raise_tier(
        case=case, actor=world.connie, at=START + HOUR, tier=Tier.HIGH, reason="It faces out.", router=world.router
    )

    guard = case.safeguards.get()
    assert guard.fresh_until_at == START + BY_PERSON[Tier.HIGH]
    assert guard.due_from_at < guard.fresh_until_at
    assert_intact()


def renewed(world, case, at):
    heir = world.renewal(case, at)
    world.approve(heir, at)
    verify(heir, at, world.bob)
    return fresh(heir)


def test_a_renewal_follows_only_a_case_that_lasts_to_the_handover(world):
    case = in_force(world, term_days=50)
    heir = renewed(world, case, START + 20 * DAY)

    assert (heir.state, heir.activated_at) == ("active", case.expires_at)
    assert heir.relied_until_at == heir.activated_at, "as long as the case before it would not last"
    verify(case, START + 29 * DAY, world.bob)
    heir = fresh(heir)
    assert fresh(case).relied_until_at == case.expires_at
    assert heir.relied_until_at == START + 20 * DAY + HOLDS + PATIENCE, "as long as its own safeguard allows"
    verify(heir, START + 45 * DAY, world.bob)
    assert fresh(heir).relied_until_at == START + 45 * DAY + HOLDS + PATIENCE
    assert fresh(heir).is_in_force(case.expires_at)
    fail(case, START + 46 * DAY, world.alice)
    assert fresh(heir).relied_until_at == heir.activated_at
    assert last(heir).kind == "case.reliance_changed"
    assert_intact()


def test_with_workers_stopped_nothing_follows_what_fell_and_a_late_sweep_says_the_same(world):
    case = in_force(world, term_days=55)
    heir = renewed(world, case, START + 25 * DAY)
    late = case.expires_at + DAY
    instants = [START, FALLS, case.expires_at - HOUR, case.expires_at, late]

    told = [ExceptionCase.objects.in_force(at).count() for at in instants]
    world.sweep(late)
    world.sweep(late)

    assert told == [1, 0, 0, 0, 0]
    assert [ExceptionCase.objects.in_force(at).count() for at in instants] == told
    assert (fresh(case).state, fresh(case).end_reason) == ("closed", "expired")
    assert fresh(heir).state == "suspended"
    assert events(case)[-2:] == ["case.suspended", "case.expired"]
    assert_intact()


def test_the_end_finds_what_fell_before_it_though_the_other_sweep_passed_it_by(world):
    case = in_force(world, term_days=55)
    renewed(world, case, START + 25 * DAY)

    assert services.expire(case=case, at=case.expires_at + DAY)

    case = fresh(case)
    assert (case.state, case.end_reason) == ("closed", "expired"), "its renewal has not taken over"
    assert events(case)[-2:] == ["case.suspended", "case.expired"]
    assert Period.objects.get(case=case).until_at == FALLS
    assert case.grants.get().removal_state == "owed"
    assert_intact()


def as_it_was_before(case):
    """Its verification is from before there was an instant until which it holds."""
    for guard in case.safeguards.all():
        set_on("exceptions_app_safeguard", guard, verified_how="", fresh_until_at=None, due_from_at=None)
    set_on("exceptions_app_exceptioncase", case, relied_until_at=case.expires_at)


def test_no_instant_that_was_relied_on_is_taken_back(world):
    """What was verified under older rules holds for no time: the first touch may end that, not undo it."""
    case = in_force(world, term_days=90)
    as_it_was_before(case)
    assert case.is_in_force(START + 50 * DAY)

    fail(fresh(case), START + 60 * DAY, world.olga)

    assert fresh(case).is_in_force(START + 50 * DAY)
    assert not fresh(case).is_in_force(START + 60 * DAY)


def test_what_was_verified_under_older_rules_may_be_routed_anew(world):
    case = approved(world)
    verify(case, START, world.bob)
    as_it_was_before(case)

    raised = {"tier": Tier.HIGH, "reason": "It faces out.", "router": world.router}
    services.raise_tier(case=case, actor=world.connie, at=START + HOUR, **raised)

    assert freshness.freshness(case.safeguards.get(), START + HOUR) == Freshness.STALE


def test_a_failure_stays_said_whoever_comes_to_gain(world):
    case = in_force(world, term_days=90, backup_owner=world.person("Ben"))
    fail(case, START + DAY, world.connie)
    stand_in(world.person("Ben"), world.bob, begins=START + DAY)

    services.accept_backup(case=case, actor=world.person("Ben"), at=START + 2 * DAY)

    assert case.safeguards.get().failed_at == START + DAY
    assert fresh(case).relied_until_at == START + DAY + PATIENCE


def test_a_requester_does_not_write_a_failure_away(world):
    guards = [SafeguardContent("monitoring", name, required=False) for name in ("One.", "Two.")]
    case = world.requested(safeguards=guards)
    two = case.safeguards.get(description="Two.")
    services.report_failure(safeguard=two, actor=world.bob, at=START, reason="It is off.")

    for wanted in (guards[1:], [SafeguardContent("monitoring", "Two!", required=False)]):
        content = services.DraftContent({}, None, wanted)
        version = fresh(case).version
        services.amend(case=case, actor=world.alice, at=START, version=version, content=content, router=world.router)
        assert case.safeguards.get().failure == "It is off."
    assert_intact()


def test_a_form_opened_before_a_failure_was_reported_does_not_take_it_back(world):
    case = in_force(world, term_days=90)
    seen = case.safeguards.get()
    fail(case, START + DAY, world.olga)

    with refused(Stale, case):
        services.verify_safeguard(safeguard=seen, actor=world.bob, at=START + 2 * DAY, statement="It fired.")


def test_it_is_not_resumed_while_a_safeguard_is_stale_nor_by_the_word_of_somebody_who_gains(world):
    case = in_force(world, term_days=90)
    services.suspend(case=case, actor=world.connie, at=START + 20 * DAY, reason="Odd calls.")

    with refused(NotPossible, case, says="Verify these safeguards first"):
        resume(case, START + 31 * DAY, world.connie)
    catalog.change_identity(identity=fresh(world.identity), version=1, actor=None, at=START, owner=world.bob)
    with refused(NotPossible, case, says="Verify these safeguards first"):
        resume(case, START + 21 * DAY, world.connie)


def test_nothing_starts_behind_what_fell_though_no_sweep_has_said_so(world):
    case = in_force(world, term_days=50)
    heir = world.renewal(case, START + 20 * DAY, safeguards=[world.safeguard(required=True)])
    world.approve(heir, START + 20 * DAY)
    verify(heir, FALLS + HOUR, world.connie)

    assert world.activate(heir, FALLS + HOUR).state == "approved"
    assert not services.warn(case=case, at=case.warn_at), "it is not about to end, it has fallen"


def test_a_renewal_does_not_forget_that_a_safeguard_fails(world):
    case = world.active(term_days=20)
    heir = world.renewal(case, START + 15 * DAY)
    fail(case, START + 19 * DAY, world.olga)
    world.approve(heir, START + 19 * DAY)

    assert world.activate(heir, START + 19 * DAY).state == "approved"
    verify(heir, START + 19 * DAY + HOUR, world.connie)
    assert fresh(heir).state == "active"


def test_the_times_are_those_that_the_page_about_safeguards_promises():
    page = (settings.BASE_DIR / "docs" / "safeguards.md").read_text()
    for tier in Tier:
        patience = f"{GRACE[tier] // HOUR} hours" if GRACE[tier] < DAY else days(GRACE[tier])
        times = (days(BY_PERSON[tier]), f"{BY_CHECK[tier] // HOUR} hours", patience)
        assert f"| {tier.label.lower()} | {' | '.join(times)} |" in page


def days(time):
    return f"{time // DAY} day{'' if time == DAY else 's'}"
