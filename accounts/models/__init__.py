"""People, teams, the groups that approve, and what people chose for themselves; import from here."""

from accounts.models.absences import Absence
from accounts.models.calendars import CalendarLink
from accounts.models.groups import ApproverGroup, GroupMembership
from accounts.models.mails import ACTS, MailChoice, MailKind, MailWhen, times_of
from accounts.models.people import UNGOVERNED, Team, User, UserManager, UserQuerySet, check_time_zone, default_time_zone
from accounts.models.proposals import GroupProposal, Proposal, ProposalState, two_people
from accounts.models.views import SavedView, Sharing

__all__ = [
    "ACTS",
    "UNGOVERNED",
    "Absence",
    "ApproverGroup",
    "CalendarLink",
    "GroupMembership",
    "GroupProposal",
    "MailChoice",
    "MailKind",
    "MailWhen",
    "Proposal",
    "ProposalState",
    "SavedView",
    "Sharing",
    "Team",
    "User",
    "UserManager",
    "UserQuerySet",
    "check_time_zone",
    "default_time_zone",
    "times_of",
    "two_people",
]
