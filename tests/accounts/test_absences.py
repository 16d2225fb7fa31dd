"""Out of office: who may say so, whom they may name, and what is recorded of it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts import absences, services
from accounts.errors import NotAllowed, NotPossible
from accounts.models import Absence
from tests.accounts.asserts import assert_recorded, count_events
from tests.factories import AT, alice, audrey, bob, boris, dora, mallory, petra

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
ANSWERS = [
    (services.accept_delegation, "delegation.accepted", True),
    (services.decline_delegation, "delegation.declined", False),
]


def announce(person=None, delegate=None, *, actor=None, begins=AT, ends=AT + 5 * DAY, reason="Leave", at=AT):
    person = person or alice()
    days = {"from_at": begins, "until_at": ends}
    delegate = delegate or bob()
    return services.announce_absence(
        user=person, actor=actor or person, delegate=delegate, reason=reason, at=at, **days
    )


def test_an_absence_is_recorded_with_who_is_asked():
    absence = announce(reason="  Parental leave ")

    stream = f"accounts/users/{alice().pseudonym}"
    body = assert_recorded(absence, stream=stream, kind="absence.announced", by=alice(), at=AT, sign="+")
    assert (body["person"], body["delegate"]) == (str(alice().pseudonym), str(bob().pseudonym))
    assert body["reason"] == "Parental leave"
    assert absences.asked_of(bob(), AT) == [absence]
    assert absences.away([alice().pk], AT) == {}, "nobody stands in before they accept"


@pytest.mark.parametrize(("verb", "kind", "stands_in"), ANSWERS)
def test_who_was_asked_answers_once(verb, kind, stands_in):
    absence = announce()

    absence = verb(absence=absence, actor=bob(), at=AT)

    stream = f"accounts/users/{alice().pseudonym}"
    assert_recorded(absence, stream=stream, kind=kind, by=bob(), at=AT)
    assert (alice().pk in absences.away([alice().pk], AT)) == stands_in
    assert absences.asked_of(bob(), AT) == []
    with pytest.raises(NotPossible, match="answered already"):
        verb(absence=absence, actor=bob(), at=AT)


@pytest.mark.parametrize("who", [alice, mallory, petra])
def test_nobody_else_answers(who):
    absence = announce()

    for verb in (services.accept_delegation, services.decline_delegation):
        with pytest.raises(NotAllowed, match="Only who was asked"):
            verb(absence=absence, actor=who(), at=AT)


def test_nobody_says_it_for_another():
    with pytest.raises(NotAllowed, match="Only you say"):
        announce(actor=petra())

    assert count_events() == 0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"delegate": alice}, "somebody else"),
        ({"delegate": audrey}, "Auditors change nothing"),
        ({"delegate": dora}, "is deactivated"),
        ({"ends": AT}, "over already"),
        ({"ends": AT - DAY}, "over already"),
        ({"begins": AT + 6 * DAY}, "last day is before the first"),
        ({"ends": AT + 61 * DAY}, "within the next 60"),
        ({"reason": "  "}, "Say why"),
    ],
)
def test_what_is_refused_says_why(changes, sentence):
    changes = {name: value() if callable(value) else value for name, value in changes.items()}

    with pytest.raises(NotPossible, match=sentence):
        announce(**changes)

    assert not Absence.objects.exists()


def test_absences_of_one_person_do_not_overlap():
    announce()

    with pytest.raises(NotPossible, match="away then already"):
        announce(begins=AT + 4 * DAY, ends=AT + 9 * DAY)
    announce(begins=AT + 5 * DAY, ends=AT + 9 * DAY)


def test_who_is_away_then_is_not_asked():
    services.accept_delegation(absence=announce(bob(), boris()), actor=boris(), at=AT)

    with pytest.raises(NotPossible, match="away then too"):
        announce(alice(), bob())


@pytest.mark.parametrize("who", [alice, bob])
def test_either_of_the_two_ends_it(who):
    absence = services.accept_delegation(absence=announce(), actor=bob(), at=AT)

    services.end_absence(absence=absence, actor=who(), at=AT + DAY)

    assert absences.standing_in_for([alice().pk], AT + DAY) == set()
    with pytest.raises(NotPossible, match="over already"):
        services.end_absence(absence=absence, actor=who(), at=AT + DAY)
    announce(at=AT + DAY, begins=AT + DAY)


def test_nobody_else_ends_it():
    with pytest.raises(NotAllowed):
        services.end_absence(absence=announce(), actor=mallory(), at=AT)


def test_whom_one_stands_in_for_is_found_both_ways():
    announce(alice(), boris())
    absence = services.accept_delegation(absence=announce(bob(), boris()), actor=boris(), at=AT)

    assert absences.for_others(boris(), AT) == [absence]
    assert absences.delegates([alice().pk, bob().pk], AT) == {bob().pk: boris().pk}
    assert absences.of(bob()) == [absence]


@pytest.mark.parametrize(
    "wrong",
    [{"delegate": alice}, {"until_at": AT}, {"reason": ""}, {"accepted_at": AT, "declined_at": AT}],
)
def test_the_database_refuses_what_the_service_would(wrong):
    row = {"person": alice(), "delegate": bob(), "from_at": AT, "until_at": AT + DAY, "reason": "x", "asked_at": AT}
    wrong = {name: value() if callable(value) else value for name, value in wrong.items()}

    with pytest.raises(IntegrityError), transaction.atomic():
        Absence.objects.bulk_create([Absence(**row | wrong)])
