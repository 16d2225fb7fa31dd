"""Saved views: a person's own preference, so neither a version nor an event is kept of it (decision 52)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import NotAllowed, NotPossible
from accounts.models import SavedView, Sharing, User

MOST = 50
LONGEST_NAME, LONGEST_QUERY = 60, 4000


@transaction.atomic
def save_view(*, actor: User, at: datetime, name: str, query: str, sharing: str = "") -> SavedView:
    """Keep the filters under this name; one's own view of that name is replaced. Raises NotPossible."""
    name = " ".join(name.split())
    _demand_room(actor, name, query)
    if sharing == Sharing.TEAM and actor.team_id is None:
        raise NotPossible(_("You belong to no team. Share it with everybody, or keep it."), fields={"sharing": []})
    team = actor.team if sharing == Sharing.TEAM else None
    values = {"query": query, "sharing": sharing, "team": team, "saved_at": at}
    return SavedView.objects.update_or_create(owner=actor, name=name, defaults=values)[0]


def remove_view(*, view: SavedView, actor: User) -> None:
    """Take one's own view away, for everybody it was shared with too. Raises NotAllowed."""
    if view.owner_id != actor.pk:
        raise NotAllowed(_("Only the person who saved a view removes it."))
    view.delete()


def _demand_room(actor: User, name: str, query: str) -> None:
    if not name:
        raise NotPossible(_("Give the view a name."), fields={"name": []})
    if len(name) > LONGEST_NAME:
        raise NotPossible(_("Give the view a shorter name."), fields={"name": []})
    if len(query) > LONGEST_QUERY:
        raise NotPossible(_("These are too many filters to keep. Take some away."))
    others = SavedView.objects.filter(owner=actor).exclude(name=name)
    if others.count() >= MOST:
        raise NotPossible(_("You have %(n)d saved views. Remove one first.") % {"n": MOST})
