"""Who may say where a group is told: programme managers, and the group's lead. Auditors change nothing."""

from __future__ import annotations

import rules

from accounts.models import ApproverGroup, User
from accounts.rules import Person, has_auditor_role, is_active, is_programme_manager


@rules.predicate
def leads_group(user: Person, group: ApproverGroup) -> bool:
    return isinstance(user, User) and group.lead_id == user.pk


may_set_channel = (is_programme_manager | (is_active & leads_group)) & ~has_auditor_role
