"""Who may govern people and the catalog. A superuser is no approver, auditor or programme manager by virtue of it.

An auditor changes nothing, whatever else they are.
"""

import rules
from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext_lazy as _

from accounts.errors import NotAllowed
from accounts.models import User

Person = User | AnonymousUser
ONLY_READS = _("Auditors read everything and change nothing.")


def changes_things(user: User) -> bool:
    """Auditors read all and change nothing; people who left do nothing."""
    return user.is_active and not user.is_auditor


def demand_changes_things(user: User) -> None:
    """Raises NotAllowed for auditors and people who left."""
    if not changes_things(user):
        raise NotAllowed(ONLY_READS)


@rules.predicate
def is_active(user: Person) -> bool:
    return user.is_authenticated and user.is_active


@rules.predicate
def has_auditor_role(user: Person) -> bool:
    return isinstance(user, User) and user.is_auditor


@rules.predicate
def has_programme_manager_role(user: Person) -> bool:
    return isinstance(user, User) and user.is_programme_manager


@rules.predicate
def has_superuser_role(user: Person) -> bool:
    return isinstance(user, User) and user.is_superuser


@rules.predicate
def belongs_to_a_group(user: Person) -> bool:
    return isinstance(user, User) and user.memberships.exists()


is_auditor = is_active & has_auditor_role
is_programme_manager = is_active & has_programme_manager_role
is_superuser = is_active & has_superuser_role
is_approver = is_active & belongs_to_a_group
may_run_catalog = is_programme_manager & ~has_auditor_role
may_govern_people = (is_programme_manager | is_superuser) & ~has_auditor_role
