"""Every change of people, teams and approving groups. An `actor` of None is the system: the command line."""

from accounts.services.groups import (
    add_member,
    change_group,
    create_group,
    remove_member,
    set_fallback,
)
from accounts.services.people import (
    change_profile,
    change_user,
    create_user,
    deactivate,
    reactivate,
    set_roles,
)
from accounts.services.teams import change_team, create_team
from accounts.services.views import remove_view, save_view

__all__ = [
    "add_member",
    "change_group",
    "change_profile",
    "change_team",
    "change_user",
    "create_group",
    "create_team",
    "create_user",
    "deactivate",
    "reactivate",
    "remove_member",
    "remove_view",
    "save_view",
    "set_fallback",
    "set_roles",
]
