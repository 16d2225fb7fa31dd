"""Since when a step's turn had run is read back from stored rows as a clock that was there would have said."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from workflows.figures.turns import Answer, PastRoute, PastStep, before, heard, turn_began_at, waiting_step

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST, SECOND = PastStep(1, "Owner", 1, ("A",)), PastStep(2, "Office", 2, ("A", "B"))


def route(*answers, steps=(FIRST, SECOND), voided_at=None):
    return PastRoute(1, AT, voided_at, steps, answers)


def answer(key, step, hours, *, voided=None, **details):
    given = {"person": key, "verdict": "approve"} | details
    return Answer(
        key, step.key, at=AT + hours * HOUR, voided_at=None if voided is None else AT + voided * HOUR, **given
    )


def test_the_first_steps_turn_begins_with_the_route():
    one = answer(1, FIRST, 4)

    assert turn_began_at(route(one), FIRST, before(one)) == AT


def test_a_later_steps_turn_begins_when_the_one_before_it_is_met():
    one, two, three = answer(1, FIRST, 4), answer(2, SECOND, 6), answer(3, SECOND, 9)

    began = [turn_began_at(route(one, two, three), SECOND, before(given)) for given in (two, three)]

    assert began == [AT + 4 * HOUR] * 2


def test_what_is_answered_before_its_turn_took_no_time_of_it():
    early = answer(1, SECOND, 2, verdict="reject")

    assert turn_began_at(route(early), SECOND, before(early)) is None


def test_after_a_reopening_the_turn_begins_anew():
    gone, other, again = answer(1, SECOND, 5, voided=20), answer(2, SECOND, 6), answer(3, SECOND, 23)
    told = route(answer(4, FIRST, 1), gone, other, again)

    assert turn_began_at(told, SECOND, before(again)) == AT + 20 * HOUR
    assert turn_began_at(told, SECOND, before(other)) == AT + HOUR


def test_an_answer_that_voids_others_belongs_to_the_turn_in_which_it_was_read():
    wide = replace(FIRST, count=2)
    gone, new, last = answer(1, wide, 3, voided=8), answer(2, wide, 8), answer(3, wide, 9)
    told = route(gone, new, last, steps=(wide,))

    assert turn_began_at(told, wide, before(new)) == AT
    assert turn_began_at(told, wide, before(last)) == AT + 8 * HOUR


def test_who_rejects_what_has_changed_since_an_earlier_step_met_it_had_their_turn():
    gone, no = answer(1, FIRST, 3, voided=8), answer(2, SECOND, 8, verdict="reject")

    assert turn_began_at(route(gone, no), SECOND, before(no)) == AT + 3 * HOUR


def test_it_is_the_turn_of_the_first_step_that_is_not_met():
    told = route(answer(1, FIRST, 1, voided=30), answer(2, SECOND, 2), answer(3, SECOND, 3))

    turns = [waiting_step(told, before(AT + hours * HOUR)) for hours in (1, 2, 4, 31)]

    assert turns == [FIRST, SECOND, None, FIRST]


def test_a_route_stood_from_when_it_was_pinned_until_it_was_void():
    told = route(voided_at=AT + 2 * HOUR)

    assert [told.stood_at(AT + hours * HOUR) for hours in (-1, 0, 1, 2)] == [False, True, True, False]


def test_who_approved_the_step_or_stepped_aside_was_asked_no_more():
    told = route(
        answer(1, FIRST, 1),
        answer(2, FIRST, 2, verdict="recuse", for_whom=9),
        answer(3, SECOND, 3),
        answer(4, SECOND, 5),
    )

    assert heard(told, SECOND, before(AT + 4 * HOUR)) == {2, 9, 3}


class Clock:
    """A route as it is lived: whose turn it is and since when is noted as it happens, never worked out."""

    def __init__(self, luck):
        self.luck, self.now, self.answers, self.noted, self.over = luck, AT, [], [], False
        self.steps = [PastStep(key, f"Step {key}", luck.randint(1, 2), ()) for key in range(1, luck.randint(2, 5))]
        self.turn, self.began_at = self.steps[0], AT

    def standing(self, step):
        return [one for one in self.answers if one.step == step.key and one.is_approval and one.voided_at is None]

    def unmet(self):
        return [step for step in self.steps if len(self.standing(step)) < step.count]

    def tick(self):
        self.now += self.luck.choice([0, 1, 5, 40]) * HOUR if self.answers else HOUR
        if not self.unmet():
            self.now += HOUR
            self.reopen()
        elif self.luck.random() < 0.15:
            self.answer(self.luck.choice(self.unmet()), self.luck.choice(["reject", "changes", "recuse"]))
        else:
            self.answer(self.turn, "approve")

    def reopen(self):
        gone = self.luck.sample(self.answers, self.luck.randint(1, len(self.answers)))
        if self.void(gone):
            self.begin()

    def answer(self, step, verdict):
        due = self.began_at if self.unmet().index(step) == 0 else None
        key = len(self.answers) + 1
        if self.luck.random() < 0.1 and self.answers and self.now > self.answers[-1].at and step is self.unmet()[0]:
            due = self.began_at
            if self.void([one for one in self.answers if one.step == step.key]):
                self.begin()  # the facts shown had changed: who answers now finds the others' answers void
        self.answers.append(Answer(key, step.key, key, verdict, self.now))
        self.noted.append((key, step, due))
        self.over = verdict in {"reject", "changes"}
        if self.unmet() and self.unmet()[0] is not self.turn:
            self.begin()

    def void(self, gone):
        keys = {one.key for one in gone if one.is_approval and one.voided_at is None}
        self.answers = [replace(one, voided_at=self.now) if one.key in keys else one for one in self.answers]
        return bool(keys)

    def begin(self):
        self.turn, self.began_at = self.unmet()[0], self.now


@pytest.mark.parametrize("seed", range(300))
def test_random_lives_are_read_back_as_they_were_lived(seed):
    clock = Clock(random.Random(seed))
    turns = []
    for _ in range(25):
        clock.tick()
        if clock.over:
            break
        turns.append((clock.now + HOUR / 2, clock.turn if clock.unmet() else None))
        clock.now += HOUR

    told = PastRoute(1, AT, None, clock.steps, clock.answers)

    for key, step, began_at in clock.noted:
        assert turn_began_at(told, step, before(clock.answers[key - 1])) == began_at
    assert [waiting_step(told, before(at)) for at, _step in turns] == [step for _at, step in turns]
