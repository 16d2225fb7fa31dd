import pytest

from accounts import services
from accounts.errors import NotAllowed, NotPossible
from accounts.models import Team
from tests.accounts.asserts import assert_recorded, count_events
from tests.factories import AT, TeamFactory, alice, dora, mallory, olive, petra

pytestmark = pytest.mark.django_db


def test_programme_manager_creates_a_team():
    team = services.create_team(name=" Payments ", actor=petra(), at=AT, lead=olive())

    team.refresh_from_db()
    assert (team.name, team.lead) == ("Payments", olive())
    body = assert_recorded(team, stream="accounts/teams", kind="team.created", by=petra(), at=AT, sign="+")
    assert body == {"team": "Payments", "lead": str(olive().pseudonym)}


def test_programme_manager_changes_a_team():
    team = services.change_team(team=TeamFactory(name="Payments"), actor=petra(), at=AT, lead=alice(), name="Cards")

    assert (team.name, team.lead) == ("Cards", alice())
    body = assert_recorded(team, stream="accounts/teams", kind="team.changed", by=petra(), at=AT)
    assert body["team"] == "Payments"
    assert body["changes"]["lead"] == {"before": None, "after": str(alice().pseudonym)}


def test_a_team_needs_a_name_of_its_own():
    TeamFactory(name="Payments")

    for name in ("Payments", " "):
        with pytest.raises(NotPossible) as refusal:
            services.create_team(name=name, actor=petra(), at=AT)
        assert set(refusal.value.fields) == {"name"}


def test_who_has_left_leads_no_team():
    with pytest.raises(NotPossible, match="deactivated"):
        services.create_team(name="Payments", actor=petra(), at=AT, lead=dora())


def test_others_govern_no_team():
    with pytest.raises(NotAllowed):
        services.create_team(name="Mine", actor=mallory(), at=AT)
    with pytest.raises(NotAllowed):
        services.change_team(team=TeamFactory(), actor=mallory(), at=AT, lead=mallory())

    assert not Team.objects.filter(name="Mine").exists()
    assert count_events() == 0
