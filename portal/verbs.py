"""What happens to the catalog, to people and groups: how an entry's own page titles it, and the history tells it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Verb:
    """What a kind of event ends in. `said` follows a person's name and takes `what` it happened to."""

    tone: str
    icon: str
    title: Promise
    said: Promise
    tells_all: bool = False  # the title says what changed


VERBS = {
    "created": Verb("green", "plus", _("Created"), _("created %(what)s")),
    "changed": Verb("grey", "pencil", _("Changed"), _("changed %(what)s")),
    "profile_changed": Verb("grey", "pencil", _("Changed their own profile"), _("changed their own profile")),
    "announced": Verb("amber", "calendar", _("Out of office"), _("announced %(what)s")),
    "ended": Verb("slate", "back", _("Ended early"), _("ended %(what)s early")),
    "accepted": Verb("green", "check", _("Delegate accepted"), _("accepted to stand in")),
    "declined": Verb("slate", "minus", _("Delegate declined"), _("declined to stand in")),
    "mails_chosen": Verb("grey", "mail", _("Chose which mails to get"), _("chose which mails to get")),
    "due": Verb("grey", "mail", _("Morning mail"), _("gathered %(what)s")),
    "sign_in_linked": Verb("blue", "link", _("Sign-in linked"), _("linked another sign-in to their account")),
    "sign_in_unlinked": Verb("slate", "cut", _("Sign-in unlinked"), _("undid the link to another sign-in")),
    "retired": Verb("slate", "minus", _("Taken out of use"), _("took %(what)s out of use"), tells_all=True),
    "reinstated": Verb("green", "refresh", _("Put back into use"), _("put %(what)s back into use"), tells_all=True),
    "change_proposed": Verb("amber", "pencil", _("Change proposed"), _("proposed a change of what %(what)s demands")),
    "change_accepted": Verb(
        "green", "check", _("Change accepted"), _("accepted a proposed change of %(what)s"), tells_all=True
    ),
    "change_declined": Verb("red", "minus", _("Change declined"), _("declined a proposed change of %(what)s")),
    "change_withdrawn": Verb("slate", "minus", _("Change withdrawn"), _("withdrew a proposed change of %(what)s")),
    "owner_accepted": Verb("green", "check", _("Owner accepted"), _("accepted to own %(what)s")),
    "owner_declined": Verb("slate", "minus", _("Owner declined"), _("declined to own %(what)s")),
    "deactivated": Verb("slate", "lock", _("Account closed"), _("closed %(what)s"), tells_all=True),
    "reactivated": Verb("green", "refresh", _("Account opened again"), _("opened %(what)s again"), tells_all=True),
    "member_added": Verb("green", "plus", _("Added %(name)s"), _("added a member to %(what)s")),
    "member_removed": Verb("red", "minus", _("Removed %(name)s"), _("removed a member from %(what)s")),
    "channel_set": Verb("blue", "link", _("Channel set"), _("set a channel for %(what)s")),
    "channel_changed": Verb("grey", "link", _("Channel changed"), _("changed the channel of %(what)s")),
    "channel_removed": Verb("slate", "cut", _("Channel removed"), _("removed the channel of %(what)s")),
    "channel_tested": Verb("grey", "mail", _("Channel tested"), _("sent a test message to the channel of %(what)s")),
    "loaded": Verb("green", "plus", _("Loaded"), _("loaded %(what)s that comes with the product")),
    "saved": Verb("green", "file", _("Imported"), _("imported %(what)s into the catalog")),
    "imported": Verb("green", "file", _("A file was read"), _("read a file into %(what)s")),
}
NOUNS = {
    "control": _("a control"),
    "framework": _("a framework"),
    "identity": _("an identity"),
    "import": _("a table"),
    "system": _("a system"),
    "vendor": _("a vendor"),
    "user": _("a person's account"),
    "absence": _("an absence"),
    "digest": _("somebody's morning mail"),
    "delegation": _("an absence"),
    "group": _("an approver group"),
    "team": _("a team"),
    "rule": _("an approval rule"),
    "waivers": _("the drafts nobody has claimed"),
}
