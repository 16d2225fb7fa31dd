import pytest
from django.contrib.auth.models import AnonymousUser

from accounts import rules
from tests.factories import ApproverGroupFactory, UserFactory, alice, audrey, bob, dora, petra, sue

pytestmark = pytest.mark.django_db

PREDICATES = (
    "is_auditor",
    "is_programme_manager",
    "is_superuser",
    "is_approver",
    "may_run_catalog",
    "may_govern_people",
)
HELD = {
    AnonymousUser: set(),
    alice: set(),
    dora: set(),
    audrey: {"is_auditor"},
    bob: {"is_approver"},
    petra: {"is_programme_manager", "may_run_catalog", "may_govern_people"},
    sue: {"is_superuser", "may_govern_people"},
}


@pytest.mark.parametrize(("who", "held"), HELD.items())
@pytest.mark.parametrize("name", PREDICATES)
def test_every_role_holds_what_it_should_and_no_more(who, held, name):
    assert getattr(rules, name)(who()) is (name in held)


@pytest.mark.parametrize("name", PREDICATES)
def test_who_has_left_holds_nothing(name):
    former = UserFactory(is_auditor=True, is_programme_manager=True, is_superuser=True, is_active=False)
    ApproverGroupFactory(members=[former])

    assert getattr(rules, name)(former) is False
