"""Ends and pauses that people bring about, and the proof that access is gone (promises 3 and 13)."""

from functools import partial
from itertools import pairwise, product

import pytest

from accounts import services as people
from accounts.errors import NotAllowed, NotPossible
from catalog import services as catalog
from catalog.models import CredentialForm
from exceptions_app import services
from exceptions_app.models import RemovalHow, RemovalState
from tests.exceptions_app.reading import assert_intact, body, events, last, refused
from tests.exceptions_app.world import DAY, HOUR, START, fresh

pytestmark = pytest.mark.django_db
MEANS = {
    CredentialForm.LONG_LIVED_SECRET: RemovalHow.SECRET_ROTATED,
    CredentialForm.JIT_CREDENTIAL: RemovalHow.CREDENTIAL_ENDED,
    CredentialForm.WORKLOAD_IDENTITY_TOKEN: RemovalHow.TRUST_REMOVED,
    CredentialForm.CERTIFICATE: RemovalHow.CERTIFICATE_REVOKED,
    CredentialForm.NONE: RemovalHow.PERMISSION_REMOVED,
}
ENDINGS = {
    "complete": ("closed", "completed", "case.completed"),
    "revoke": ("revoked", "", "case.revoked"),
    "suspend": ("suspended", "", "case.suspended"),
}


@pytest.mark.parametrize("verb", ENDINGS)
def test_it_is_out_of_force_from_that_instant_and_the_past_stays(world, verb):
    case, at = world.active(), START + 3 * DAY
    state, reason, kind = ENDINGS[verb]

    getattr(services, verb)(case=case, actor=world.olga, at=at, reason="Because.")

    row = fresh(case)
    assert (row.state, row.end_reason, last(row).kind, last(row).actor_id) == (
        state,
        reason,
        kind,
        world.olga.pseudonym,
    )
    assert row.is_in_force(at - HOUR)
    assert not row.is_in_force(at)
    assert row.periods.get().until_at == at
    assert row.history.first().history_user == world.olga
    assert_intact()


@pytest.mark.parametrize("verb", ENDINGS)
def test_each_says_why(world, verb):
    case = world.active()

    with refused(NotPossible, case):
        getattr(services, verb)(case=case, actor=world.olga, at=START + DAY, reason="  ")


@pytest.mark.parametrize("verb", ENDINGS)
def test_nothing_else_is_said_of_what_has_passed_its_end(world, verb):
    """With every worker stopped the row still reads active; what happened is that it expired."""
    case = world.active()

    for late in (case.expires_at, case.expires_at + DAY):
        with refused(NotPossible, case, says="end has come"):
            getattr(services, verb)(case=case, actor=world.olga, at=late, reason="Because.")
    assert services.expire(case=case, at=case.expires_at + DAY)
    assert fresh(case).end_reason == "expired"


@pytest.mark.parametrize("state", ["requested", "approved"])
def test_what_lapsed_is_not_brought_back_before_a_sweep_records_it(world, state):
    case = getattr(world, state)()
    late = {"requested": case.decide_by_at, "approved": case.activate_by_at}[state]
    content = services.DraftContent({"title": "Once more"})
    verbs = {
        "requested": [
            partial(services.amend, version=case.version, content=content, router=world.router),
            services.withdraw,
        ],
        "approved": [services.withdraw, partial(services.revoke, reason="Late.")],
    }

    for verb in verbs[state]:
        with refused(NotPossible, case, says="lapses"):
            verb(case=case, actor=world.olga, at=late)
    assert services.lapse(case=case, at=late)


def test_an_approved_case_can_be_revoked_and_owes_nothing(world):
    case = world.approved()

    services.revoke(case=case, actor=world.connie, at=START + HOUR, reason="Not wanted.")

    assert fresh(case).state == "revoked"
    assert fresh(case).grants.get().removal_state == RemovalState.NOT_OWED


def test_a_suspended_case_keeps_its_end_and_expires_at_it(world):
    case = world.suspended()

    assert not services.expire(case=case, at=case.expires_at - HOUR)
    assert services.expire(case=case, at=case.expires_at)

    assert fresh(case).end_reason == "expired"
    assert fresh(case).grants.get().removal_state == RemovalState.OWED


def test_a_suspended_case_is_not_resumed_past_its_end(world):
    case = world.suspended()

    with refused(NotPossible, case, says="end has come"):
        services.resume(case=case, actor=world.bob, at=case.expires_at, statement="All well.")


def test_a_resumed_case_is_warned_of_its_end_again(world):
    case = world.expiring()
    at = case.warn_at + HOUR
    services.suspend(case=case, actor=world.connie, at=at, reason="Odd calls.")

    case = services.resume(case=case, actor=world.bob, at=at + HOUR, statement="All well.")

    assert (fresh(case).state, fresh(case).warned_at) == ("active", None)
    assert services.warn(case=case, at=at + 2 * HOUR)
    assert_intact()


def test_pausing_again_and_again_leaves_every_period(world):
    case = world.active()
    for turn in range(3):
        at = START + (1 + turn) * DAY
        services.suspend(case=case, actor=world.connie, at=at, reason="Odd calls.")
        services.resume(case=case, actor=world.bob, at=at + 12 * HOUR, statement="All well.")

    periods = list(case.periods.order_by("from_at"))
    assert len(periods) == 4
    assert all(a.until_at + 12 * HOUR == b.from_at for a, b in pairwise(periods))
    for turn in range(3):
        at = START + (1 + turn) * DAY
        assert not fresh(case).is_in_force(at)
        assert fresh(case).is_in_force(at - HOUR)
        assert fresh(case).is_in_force(at + 12 * HOUR)


def test_the_clocks_late_word_moves_no_end(world):
    case = world.active()

    services.expire(case=case, at=case.expires_at + 90 * DAY)

    assert case.periods.get().until_at == case.expires_at
    assert body(case, "case.expired")["removal_owed"] == 1


# Proof that access is gone


def ended(world, form, **fields):
    case = world.active(credential_form=form, **fields)
    return services.revoke(case=case, actor=world.connie, at=START + DAY, reason="Leaked.")


@pytest.mark.parametrize(("form", "how"), list(product(MEANS, RemovalHow.values)))
def test_removal_means_what_the_credential_demands(world, form, how):
    case = ended(world, form)
    grant = case.grants.get()

    if how == MEANS[form]:
        grant = services.confirm_removal(grant=grant, actor=world.sven, at=START + 2 * DAY, how=how, note=" Gone. ")
        assert (grant.removal_state, grant.removal_note) == (RemovalState.CONFIRMED, "Gone.")
        assert (grant.removal_confirmed_by, grant.removal_confirmed_at) == (world.sven, START + 2 * DAY)
        assert events(case)[-1] == "removal.confirmed"
    else:
        with refused(NotPossible, case):
            services.confirm_removal(grant=grant, actor=world.sven, at=START + 2 * DAY, how=how)


def test_every_grant_is_owed_until_it_is_confirmed_itself(world):
    case = ended(world, CredentialForm.CERTIFICATE, grants=[world.grant("kv/a"), world.grant("kv/b")])
    first, second = case.grants.order_by("pk")
    how = RemovalHow.CERTIFICATE_REVOKED

    services.confirm_removal(grant=first, actor=world.bob, at=START + 2 * DAY, how=how)

    assert fresh(second).removal_state == RemovalState.OWED
    with refused(NotPossible, case, says="does not wait"):
        services.confirm_removal(grant=first, actor=world.bob, at=START + 2 * DAY, how=how)
    services.confirm_removal(grant=second, actor=world.petra, at=START + 2 * DAY, how=how)
    assert_intact()


def test_nothing_is_confirmed_while_the_case_lives(world):
    case = world.active()

    with refused(NotAllowed, case, says="No grant"):
        services.confirm_removal(
            grant=case.grants.get(), actor=world.sven, at=START + DAY, how=RemovalHow.SECRET_ROTATED
        )


@pytest.mark.parametrize("who", ["alice", "olga", "olive", "mallory", "audrey"])
def test_nor_by_those_who_gained_or_have_no_business(world, who):
    case = ended(world, CredentialForm.NONE)

    with refused(NotAllowed, case):
        services.confirm_removal(
            grant=case.grants.get(), actor=getattr(world, who), at=START + 2 * DAY, how=RemovalHow.PERMISSION_REMOVED
        )


def test_evidence_of_another_case_proves_nothing(world):
    case, other = ended(world, CredentialForm.NONE), world.draft()
    link = services.attach_link(
        case=other, actor=world.alice, at=START, title="Ticket", url="https://tickets.example.org/1"
    )

    with refused(NotPossible, case, says="another exception"):
        services.confirm_removal(
            grant=case.grants.get(),
            actor=world.bob,
            at=START + 2 * DAY,
            how=RemovalHow.PERMISSION_REMOVED,
            evidence=link,
        )


def test_evidence_of_removal_is_added_after_the_end(world):
    case = ended(world, CredentialForm.NONE)
    link = services.attach_link(
        case=case,
        actor=world.bob,
        at=START + 2 * DAY,
        title="Removal",
        url="https://tickets.example.org/2",
        purpose="removal",
    )

    grant = services.confirm_removal(
        grant=case.grants.get(), actor=world.bob, at=START + 2 * DAY, how=RemovalHow.PERMISSION_REMOVED, evidence=link
    )

    assert fresh(grant).removal_evidence == link
    assert_intact()


@pytest.mark.parametrize(
    ("verb", "says"),
    [
        (partial(catalog.change_control, exceptions_allowed=False), "allows no exceptions"),
        (catalog.retire_control, "is retired"),
    ],
)
def test_what_could_not_be_asked_today_is_not_resumed(world, verb, says):
    case = world.suspended()
    verb(control=world.control, actor=None, at=START, version=world.control.version)

    with refused(NotPossible, case, says=says):
        services.resume(case=case, actor=world.bob, at=START + DAY, statement="Looked at it.")


# Safeguards


def test_a_verified_safeguard_says_who_when_and_what(world):
    case = world.requested()

    item = services.verify_safeguard(
        safeguard=case.safeguards.get(), actor=world.sven, at=START + HOUR, statement=" Alert fired. "
    )

    item = fresh(item)
    assert (item.verified_by, item.verified_at, item.statement) == (world.sven, START + HOUR, "Alert fired.")
    assert events(case)[-1] == "safeguard.verified"
    assert_intact()


def test_verifying_voids_no_decision(world):
    case = world.requested(router=world.routed((world.group, 2)))
    world.approve(case, START)

    services.verify_safeguard(safeguard=case.safeguards.get(), actor=world.sven, at=START + HOUR, statement="Seen.")

    assert world.approve(case, START + HOUR, actor=world.carol).state == "approved"


def test_a_reworded_safeguard_is_no_longer_verified(world):
    case = world.requested()
    services.verify_safeguard(safeguard=case.safeguards.get(), actor=world.sven, at=START, statement="Seen.")

    services.amend(
        case=case,
        actor=world.alice,
        at=START + HOUR,
        version=fresh(case).version,
        content=services.DraftContent(safeguards=[world.safeguard("Alerts on Sundays")]),
        router=world.router,
    )

    assert fresh(case).safeguards.get().verified_at is None


@pytest.mark.parametrize("goes", ["leaves", "audits"])
def test_nothing_resumes_while_nobody_answers_for_it(world, goes):
    dan = world.person("Dan")
    case = world.suspended(owner=dan)
    if goes == "leaves":
        people.deactivate(user=dan, actor=None, at=START + DAY)
    else:
        people.set_roles(user=dan, actor=None, at=START + DAY, is_auditor=True)

    with refused(NotPossible, case, says="Nobody owns it"):
        services.resume(case=case, actor=world.bob, at=START + DAY, statement="Looked at it.")
