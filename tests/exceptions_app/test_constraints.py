"""Every constraint of every table refuses, in the database, what breaks it: each is broken once, alone."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from exceptions_app import services
from exceptions_app.models import Decision, Evidence, Route, Step, Trigger
from tests.exceptions_app.world import HOUR, START, fresh

pytestmark = pytest.mark.django_db
CASE = "exceptions_app_exceptioncase"
LATE = "2031-01-01 00:00:00+00:00"
EARLY = "2020-01-01 00:00:00+00:00"


def set_on(table, row, **values):
    columns = ", ".join(f'"{name}" = %s' for name in values)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {columns} WHERE id = %s", [*values.values(), row.pk])


def copied(table, row, **values):
    """A second row like the first, but for these values."""
    fields = {field.column: getattr(row, field.attname) for field in row._meta.concrete_fields if field.column != "id"}
    fields |= values
    names = ", ".join(f'"{name}"' for name in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(fields))})",
            [adapted(row, name, value) for name, value in fields.items()],
        )


def adapted(row, column, value):
    field = next(field for field in row._meta.concrete_fields if field.column == column)
    return field.get_db_prep_save(value, connection) if not isinstance(value, str) else value


def on_case(stage, /, **values):
    return lambda world: set_on(CASE, getattr(world, stage)(), **values)


def on_part(name, table, **values):
    def broken(world):
        set_on(table, getattr(world.active(), name).get(), **values)

    return broken


def on_review(**values):
    return lambda world: set_on("exceptions_app_review", world.active(term_days=90).reviews.get(), **values)


def watched(world):
    guard = world.approved().safeguards.get()
    return services.watch_by_heartbeat(safeguard=guard, actor=world.bob, at=START)


def heard(world):
    watch = watched(world)
    services.hear(watch=watch, message_id="msg_1", at=START)
    return watch.heartbeats.get()


def decision_of(world):
    world.approved()
    return Decision.objects.get()


def copied_decision(**values):
    def broken(world):
        decision = decision_of(world)
        copied("exceptions_app_decision", decision, **{"person_id": world.carol.pk} | values)

    return broken


def decided_twice_for_alice(world):
    decision = decision_of(world)
    for delegate in (world.carol, world.olga):
        copied("exceptions_app_decision", decision, person_id=delegate.pk, on_behalf_of_id=world.alice.pk)


def copied_step(**values):
    def broken(world):
        copied("exceptions_app_step", world.requested().routes.get().steps.get(), order=2, **values)

    return broken


def owed(world):
    case = world.active()
    return services.revoke(case=case, actor=world.connie, at=START + HOUR, reason="Leaked.").grants.get()


def offered(world):
    case = world.active()
    services.offer_ownership(case=case, actor=world.olga, at=START, to=world.person("Nina"), reason="I move on.")
    return case.ownership_offers.get()


def said(world):
    return services.comment(case=world.requested(), actor=world.bob, at=START, text="Which key?")


def used(world):
    case = world.active()
    services.record_use(case=case, actor=world.alice, at=START, used_at=START, what="The nightly sync.")
    return case.uses.get()


def told_of_a_change(world):
    case, told = world.active(term_days=90), {"why": "Acme was sold.", "cause": "vendors/acme 7"}
    services.fire_many(keys=[case.pk], at=START, trigger=Trigger.VENDOR_CHANGED, **told)
    return case.reviews.get(trigger=Trigger.VENDOR_CHANGED)


def renewing_itself(world):
    case = world.draft()
    set_on(CASE, case, renews_id=case.pk)


def second_live_renewal(world):
    case = world.active()
    world.renewal(case, START)
    other = world.requested()
    set_on(CASE, other, renews_id=case.pk)


BROKEN = {
    "case_state_known": on_case("requested", state="dancing"),
    "case_kind_known": on_case("draft", kind="whim"),
    "case_closed_says_why": on_case("closed", end_reason=""),
    "case_ended_says_when": on_case("closed", ended_at=None),
    "case_asked_is_complete": on_case("requested", exit_plan=""),
    "case_asked_has_one_end": on_case("requested", term_days=0),
    "case_scores_one_to_five": on_case("draft", likelihood=6),
    "case_tier_known": on_case("draft", risk_tier=5),
    "case_backup_is_another_person": lambda world: set_on(CASE, world.draft(), backup_owner_id=world.olga.pk),
    "case_acceptance_has_backup": on_case("draft", backup_accepted_at=EARLY),
    "case_exposure_is_retrospective": on_case("requested", exposed_from_at=EARLY),
    "case_break_glass_is_not_requested": on_case("requested", kind="break_glass"),
    "case_excess_has_reason": on_case("requested", excess="All keys"),
    "case_requested_has_deadline": on_case("requested", decide_by_at=None),
    "case_approved_has_term": on_case("approved", approved_term_seconds=0),
    "case_active_has_end": on_case("active", relied_until_at=None),
    "case_end_within_latest_end": on_case("active", latest_end_at=EARLY),
    "case_renews_another": renewing_itself,
    "case_one_live_renewal": second_live_renewal,
    "evidence_is_file_or_link": lambda world: copied(
        "exceptions_app_evidence",
        services.attach_link(
            case=world.draft(), actor=world.alice, at=START, title="Ticket", url="https://tickets.example.org/1"
        ),
        url="",
    ),
    "grant_removal_state_known": on_part("grants", "exceptions_app_grant", removal_state="maybe"),
    "grant_owed_says_since_when": lambda world: set_on("exceptions_app_grant", owed(world), removal_owed_at=None),
    "grant_confirmed_says_who_and_how": lambda world: set_on(
        "exceptions_app_grant", owed(world), removal_state="confirmed"
    ),
    "safeguard_fresh_is_verified": on_part("safeguards", "exceptions_app_safeguard", fresh_until_at=EARLY),
    "safeguard_failed_says_why": on_part("safeguards", "exceptions_app_safeguard", failed_at=EARLY),
    "safeguard_verified_says_who": on_part("safeguards", "exceptions_app_safeguard", verified_at=EARLY),
    "editor_once_a_case": lambda world: copied("exceptions_app_editor", world.draft().editors.get()),
    "period_does_not_run_back": on_part("periods", "exceptions_app_period", until_at=EARLY),
    "route_round_once": lambda world: copied(
        "exceptions_app_route", world.requested().routes.get(), voided_at=EARLY, void_reason="Old."
    ),
    "route_one_standing_a_case": lambda world: copied("exceptions_app_route", world.requested().routes.get(), round=2),
    "step_order_once": lambda world: copied("exceptions_app_step", world.requested().routes.get().steps.get()),
    "step_needs_someone": lambda world: copied(
        "exceptions_app_step", world.requested().routes.get().steps.get(), order=2, count=0
    ),
    "step_source_known": copied_step(source="oracle", group_id=None),
    "step_assurance_known": copied_step(assurance="hunch"),
    "step_names_its_group": copied_step(group_id=None),
    "step_names_its_person": copied_step(source="person", group_id=None),
    "case_taken_until": on_case("requested", taken_until_at=START),
    "watch_is_probe_or_heartbeat": lambda world: set_on("exceptions_app_watch", watched(world), secret=""),
    "heartbeat_once": lambda world: copied("exceptions_app_heartbeat", heard(world)),
    "review_trigger_known": on_review(trigger="whim"),
    "review_is_due_before_it_counts": on_review(falls_at=EARLY),
    "review_answered_says_who_and_why": on_review(outcome="keep"),
    "review_once_a_cause": lambda world: copied("exceptions_app_review", told_of_a_change(world)),
    "use_says_for_what": lambda world: copied("exceptions_app_use", used(world), what=""),
    "use_is_not_foretold": lambda world: copied("exceptions_app_use", used(world), used_at=LATE),
    "comment_says_something": lambda world: copied("exceptions_app_comment", said(world), text=""),
    "asked_group_once_a_case": lambda world: copied("exceptions_app_askedgroup", world.requested().asked_groups.get()),
    "ownership_one_open_offer_a_case": lambda world: copied("exceptions_app_ownershipoffer", offered(world)),
    "ownership_offer_answered_says_how": lambda world: set_on(
        "exceptions_app_ownershipoffer", offered(world), answer="accepted"
    ),
    "ownership_offer_says_why": lambda world: set_on("exceptions_app_ownershipoffer", offered(world), reason=""),
    "decision_once_a_person": lambda world: copied("exceptions_app_decision", decision_of(world)),
    "decision_once_an_absentee": decided_twice_for_alice,
    "decision_on_behalf_of_another": lambda world: copied_decision(on_behalf_of_id=world.carol.pk)(world),
    "decision_as_lead_or_as_fallback": copied_decision(by_lead=True, by_fallback=True),
    "decision_verdict_known": copied_decision(verdict="shrug"),
    "decision_rejection_in_a_word": copied_decision(preset="other"),
    "decision_approval_narrows": copied_decision(verdict="reject", narrowing={"term_days": 1}),
    "decision_says_why": copied_decision(statement=""),
    "decision_approval_names_role": copied_decision(capacity=""),
    "decision_void_says_why": copied_decision(voided_at=EARLY),
}


UNKNOWN = {
    "case_asked_has_one_end": on_case("requested", term_days=None),
    "case_approved_has_term": on_case("approved", approved_term_seconds=None),
    "case_end_within_latest_end": on_case("closed", relied_until_at=None),
    "evidence_is_file_or_link": lambda world: copied(
        "exceptions_app_evidence",
        services.attach_link(
            case=world.draft(), actor=world.alice, at=START, title="Ticket", url="https://tickets.example.org/1"
        ),
        url="",
        file="evidence/a.txt",
        sha256="0" * 64,
        size=None,
    ),
}
"""A check that comes out unknown passes: each of these leaves empty what a comparison looks at."""


def declared():
    models = apps.get_app_config("exceptions_app").get_models()
    return {constraint.name for model in models for constraint in model._meta.constraints}


def test_every_declared_constraint_is_broken_below():
    assert declared() == BROKEN.keys()


@pytest.mark.parametrize("name", BROKEN)
def test_the_database_refuses(world, name):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        BROKEN[name](world)

    if connection.vendor == "postgresql":
        assert name in str(refused.value)


@pytest.mark.parametrize("name", UNKNOWN)
def test_the_database_refuses_what_is_missing_too(world, name):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        UNKNOWN[name](world)

    if connection.vendor == "postgresql":
        assert name in str(refused.value)


def removed(table, row):
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE id = %s", [row.pk])
    connection.check_constraints()


def test_a_reference_is_used_once(world):
    first, second = world.draft(), world.draft()

    assert first.reference != second.reference
    with pytest.raises(IntegrityError), transaction.atomic():
        copied(CASE, fresh(first))


def test_rows_others_point_to_cannot_go(world):
    world.approved()

    for table, row in (
        ("exceptions_app_route", Route.objects.get()),
        ("exceptions_app_step", Step.objects.get()),
        ("accounts_user", world.alice),
        ("catalog_control", world.control),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            removed(table, row)
    assert not Evidence.objects.exists()
