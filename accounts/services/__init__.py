"""Every change of people, teams and approving groups. An `actor` of None is the system: the command line."""

from accounts.services.absences import (
    accept_delegation,
    announce_absence,
    decline_delegation,
    end_absence,
)
from accounts.services.calendars import make_calendar, note_calendar_use, revoke_calendar
from accounts.services.group_proposals import accept_group_change, decline_group_change, propose_group_change
from accounts.services.groups import (
    add_member,
    change_group,
    create_group,
    remove_member,
    set_fallback,
)
from accounts.services.mails import choose_mails
from accounts.services.people import (
    change_profile,
    change_user,
    create_user,
    deactivate,
    reactivate,
    set_roles,
)
from accounts.services.signing_in import link_sign_in, sign_out_elsewhere, unlink_sign_in
from accounts.services.teams import change_team, create_team
from accounts.services.views import remove_view, save_view

__all__ = [
    "accept_delegation",
    "accept_group_change",
    "add_member",
    "announce_absence",
    "change_group",
    "change_profile",
    "change_team",
    "change_user",
    "choose_mails",
    "create_group",
    "create_team",
    "create_user",
    "deactivate",
    "decline_delegation",
    "decline_group_change",
    "end_absence",
    "link_sign_in",
    "make_calendar",
    "note_calendar_use",
    "propose_group_change",
    "reactivate",
    "remove_member",
    "remove_view",
    "revoke_calendar",
    "save_view",
    "set_fallback",
    "set_roles",
    "sign_out_elsewhere",
    "unlink_sign_in",
]
