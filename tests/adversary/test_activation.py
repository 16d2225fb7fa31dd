"""Cases that keep others from starting (promise 8)."""

import pytest

from exceptions_app import services
from tests.exceptions_app.world import DAY, START, fresh

pytestmark = pytest.mark.django_db


def test_a_case_with_no_time_left_does_not_keep_another_from_starting(world):
    end_on = (START + 2 * DAY).date()
    spent = world.approved(term_days=None, end_on=end_on, end_zone="UTC", safeguards=[world.safeguard(required=True)])
    late = START + 4 * DAY
    services.verify_safeguard(safeguard=spent.safeguards.get(), actor=world.carol, at=late, statement="Alert fired.")
    case = world.approved(late)

    services.activate_many(keys=[spent.pk, case.pk], at=late, router=world.router)

    assert (fresh(spent).state, fresh(case).state) == ("approved", "active")
