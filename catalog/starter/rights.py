"""Controls on what identities may do, agents and apps among them."""

from catalog.models import Tier
from catalog.starter.shape import StarterControl

CONTROLS = (
    StarterControl(
        code="NHI-LPR-01",
        title="Rights match the task",
        statement=(
            "An identity holds only the rights its task needs, on resources that are named. Rights not used for 90 "
            "days are taken away. Production identities carry no wildcard over all actions or all resources, and no "
            "administrator role."
        ),
        answers_to=(
            "owasp-nhi-2025:NHI5:2025",
            "nist-csf-2-0:PR.AA-05",
            "nist-sp-800-53-r5:AC-6",
        ),
        severity=Tier.HIGH,
    ),
    StarterControl(
        code="NHI-JIT-01",
        title="Elevated rights are given for a task and end by themselves",
        statement=(
            "No identity holds standing administrator rights in production. Elevation names a task and a ticket, "
            "lasts eight hours at most, and is withdrawn by the platform, not by a reminder. At any moment the list "
            "of elevated identities can be produced, each with the end of its elevation."
        ),
        answers_to=(
            "nist-sp-800-207:ZT-3",
            "nist-csf-2-0:PR.AA-05",
            "nist-sp-800-53-r5:AC-6",
        ),
        severity=Tier.HIGH,
    ),
    StarterControl(
        code="NHI-WID-01",
        title="Workloads prove who they are without keys",
        statement=(
            "A workload on a platform that issues identity tokens signs in with those tokens. A static key is issued "
            "only where the target cannot accept a token, and the register says which target that is. Tokens live "
            "one hour at most and name the audience they are meant for."
        ),
        answers_to=(
            "owasp-nhi-2025:NHI7:2025",
            "nist-csf-2-0:PR.AA-03",
            "nist-sp-800-53-r5:IA-9",
        ),
        severity=Tier.MODERATE,
    ),
    StarterControl(
        code="NHI-ENV-01",
        title="One identity for each workload and environment",
        statement=(
            "Two workloads never use the same credential, and no identity works in two environments. Production "
            "refuses every credential issued for development or staging, and the other way round. A deployment that "
            "crosses environments uses one identity in each."
        ),
        answers_to=(
            "owasp-nhi-2025:NHI8:2025",
            "owasp-nhi-2025:NHI9:2025",
            "nist-csf-2-0:PR.AA-01",
        ),
        severity=Tier.MODERATE,
    ),
    StarterControl(
        code="NHI-SHR-01",
        title="People do not sign in as machines",
        statement=(
            "A person never uses the credential of a service account, pipeline or workload, not even to repair it. "
            "Interactive sign-in is switched off for these identities, and an attempt raises an alert. In an "
            "emergency a person uses the break-glass account that bears their name in the log."
        ),
        answers_to=(
            "owasp-nhi-2025:NHI10:2025",
            "nist-csf-2-0:PR.AA-01",
            "nist-sp-800-53-r5:AC-2(9)",
        ),
        severity=Tier.CRITICAL,
        exceptions_allowed=False,
    ),
    StarterControl(
        code="NHI-AGT-01",
        title="Agents use only the tools they were given",
        statement=(
            "An AI agent can call only the tools on its list, each limited to named actions and resources; all else "
            "is refused. The limit is enforced at the tool gateway, outside the model, so that no prompt can lift "
            "it. A change of the list takes the agent's owner and one other reviewer."
        ),
        answers_to=(
            "csa-maestro:L3",
            "owasp-nhi-2025:NHI5:2025",
            "nist-csf-2-0:PR.AA-05",
        ),
        severity=Tier.HIGH,
    ),
    StarterControl(
        code="NHI-AGT-02",
        title="A person confirms what an agent cannot undo",
        statement=(
            "Before an agent deletes data, moves money, changes access or sends anything outside the company, a named "
            "person sees the exact action with its values and confirms it. A confirmation covers that one action "
            "and lapses after 15 minutes. Without it the gateway refuses, also when the agent is acting for a user."
        ),
        answers_to=(
            "csa-maestro:L7",
            "nist-ai-rmf-1-0:MAP 3.5",
        ),
        severity=Tier.HIGH,
    ),
    StarterControl(
        code="NHI-AGT-03",
        title="No agent approves access",
        statement=(
            "An AI agent never approves, extends or widens access, its own or that of another identity, and never "
            "changes the list of tools it may call. Approving roles cannot be assigned to identities of the kind AI "
            "agent. The attempt is refused and reported to the agent's owner."
        ),
        answers_to=(
            "csa-maestro:L7",
            "nist-ai-rmf-1-0:MAP 3.5",
            "nist-sp-800-53-r5:AC-5",
            "nist-csf-2-0:PR.AA-05",
        ),
        severity=Tier.CRITICAL,
        exceptions_allowed=False,
    ),
    StarterControl(
        code="NHI-OAU-01",
        title="Third-party applications get only reviewed access",
        statement=(
            "Nobody can consent alone to a third-party application that reads mail, files or the directory. The "
            "vendor and the exact scopes are reviewed before the first connection, once a year, and whenever a scope "
            "is added. Consent not used for 60 days is withdrawn."
        ),
        answers_to=(
            "owasp-nhi-2025:NHI3:2025",
            "nist-csf-2-0:GV.SC-07",
            "nist-sp-800-53-r5:AC-20",
        ),
        severity=Tier.HIGH,
    ),
)
