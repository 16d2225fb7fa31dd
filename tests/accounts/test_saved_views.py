"""Views a person keeps, alone or shared."""

from datetime import UTC, datetime

import pytest

from accounts import services
from accounts.errors import NotAllowed, NotPossible
from accounts.models import SavedView, Team

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def people():
    teams = {name: Team.objects.create(name=name) for name in ("Payments", "Platform")}
    return {
        name: services.create_user(actor=None, at=AT, email=f"{name}@example.org", name=name, team=teams.get(team))
        for name, team in (("ann", "Payments"), ("ben", "Payments"), ("cleo", "Platform"), ("dan", None))
    }


def save(actor, name="Mine", query="state=active", sharing=""):
    return services.save_view(actor=actor, at=AT, name=name, query=query, sharing=sharing)


@pytest.mark.parametrize(
    ("sharing", "seen"), [("", {"ann"}), ("team", {"ann", "ben"}), ("everybody", {"ann", "ben", "cleo", "dan"})]
)
def test_a_view_is_found_by_those_it_is_shared_with(people, sharing, seen):
    save(people["ann"], sharing=sharing)

    assert {name for name, user in people.items() if SavedView.objects.open_to(user).exists()} == seen


def test_saving_under_the_same_name_replaces_ones_own_and_nobody_elses(people):
    save(people["ann"], query="state=active")
    save(people["ben"], query="state=draft")
    save(people["ann"], name=" Mine  ", query="tier=3", sharing="everybody")

    assert set(SavedView.objects.values_list("owner__name", "query")) == {("ann", "tier=3"), ("ben", "state=draft")}


@pytest.mark.parametrize("given", [{"name": "  "}, {"name": "x" * 61}, {"query": "q=" + "x" * 4000}])
def test_what_cannot_be_kept_is_refused_with_a_sentence(people, given):
    with pytest.raises(NotPossible):
        save(people["ann"], **given)

    assert not SavedView.objects.exists()


def test_who_has_no_team_shares_with_none(people):
    with pytest.raises(NotPossible):
        save(people["dan"], sharing="team")


def test_there_is_room_for_so_many_and_no_more(people, monkeypatch):
    monkeypatch.setattr(services.views, "MOST", 2)
    save(people["ann"], "One"), save(people["ann"], "Two")

    with pytest.raises(NotPossible):
        save(people["ann"], "Three")
    save(people["ann"], "Two", query="tier=1")


def test_only_its_owner_removes_a_view(people):
    view = save(people["ann"], sharing="everybody")

    with pytest.raises(NotAllowed):
        services.remove_view(view=view, actor=people["ben"])
    services.remove_view(view=view, actor=people["ann"])

    assert not SavedView.objects.exists()
