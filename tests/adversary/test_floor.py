"""Alice's ways to have a risk rated lower than the facts allow (promises 9 and 13)."""

import pytest

from catalog.models import CredentialForm, Environment, Tier
from exceptions_app import limits

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("form", CredentialForm)
def test_another_credential_than_the_identitys_own_does_not_lower_the_floor(world, form):
    identity = world.make_identity(
        "erp-prod", environment=Environment.PRODUCTION, credential_form=CredentialForm.LONG_LIVED_SECRET
    )

    case = world.requested(identity=identity, credential_form=form, likelihood=1, impact=1, term_days=20)

    assert case.risk_tier == Tier.MODERATE


def test_a_credential_of_no_known_form_is_refused(world):
    case = world.draft(credential_form="smoke")

    problems = limits.problems(limits.Draft(case, case.grants.all(), case.safeguards.all()), world.start)

    assert [problem.field for problem in problems] == ["credential_form"]
