"""Twenty-five controls for non-human identities, to start from. The words are ours; change them to fit the house."""

from dataclasses import dataclass, field
from typing import TypedDict

from catalog.models import LIFETIME_CAPS, TERM_CAPS, Tier


class Caps(TypedDict):
    """Days."""

    term_cap_low: int
    term_cap_moderate: int
    term_cap_high: int
    term_cap_critical: int
    lifetime_cap_low: int
    lifetime_cap_moderate: int
    lifetime_cap_high: int
    lifetime_cap_critical: int


def default_caps() -> Caps:
    return Caps(
        term_cap_low=TERM_CAPS[Tier.LOW],
        term_cap_moderate=TERM_CAPS[Tier.MODERATE],
        term_cap_high=TERM_CAPS[Tier.HIGH],
        term_cap_critical=TERM_CAPS[Tier.CRITICAL],
        lifetime_cap_low=LIFETIME_CAPS[Tier.LOW],
        lifetime_cap_moderate=LIFETIME_CAPS[Tier.MODERATE],
        lifetime_cap_high=LIFETIME_CAPS[Tier.HIGH],
        lifetime_cap_critical=LIFETIME_CAPS[Tier.CRITICAL],
    )


@dataclass(frozen=True, kw_only=True)
class StarterControl:
    code: str
    title: str
    statement: str
    severity: Tier
    answers_to: tuple[str, ...]
    exceptions_allowed: bool = True
    caps: Caps = field(default_factory=default_caps)


CONTROLS: tuple[StarterControl, ...] = (
    StarterControl(
        code="NHI-OWN-01",
        title="Every identity has an owner and a backup",
        statement=(
            "Each non-human identity names one person who answers for it and a second who stands in, both of them "
            "active in the staff directory. The register is compared with the directory every day. An identity "
            "without an active owner for seven days is disabled until somebody accepts it."
        ),
        answers_to=(
            "nist-csf-2-0:GV.RR-02",
            "owasp-nhi-2025:NHI1:2025",
            "nist-sp-800-53-r5:AC-2",
        ),
        severity=Tier.HIGH,
    ),
    StarterControl(
        code="NHI-OFF-01",
        title="Identities change hands before their owner leaves",
        statement=(
            "When a person leaves or changes role, every identity they own has a new owner before their last working "
            "day. Each secret that person could read is replaced within 24 hours of their leaving. The leaver's "
            "checklist is not closed while either is open."
        ),
        answers_to=(
            "owasp-nhi-2025:NHI1:2025",
            "nist-csf-2-0:PR.AA-05",
            "nist-sp-800-53-r5:AC-2",
            "nist-sp-800-53-r5:PS-4",
        ),
        severity=Tier.HIGH,
    ),
    StarterControl(
        code="NHI-ROT-01",
        title="Long-lived secrets are rotated every 90 days",
        statement=(
            "A secret that stays valid until somebody changes it is replaced at least every 90 days, and within four "
            "hours when it may have been exposed. Rotation is complete once the old value is refused, not when the "
            "new one is issued. The test is a sign-in with the old value that fails."
        ),
        answers_to=(
            "owasp-nhi-2025:NHI7:2025",
            "nist-sp-800-53-r5:IA-5",
            "nist-csf-2-0:PR.AA-01",
        ),
        severity=Tier.HIGH,
    ),
    StarterControl(
        code="NHI-VLT-01",
        title="Secrets live in the key vault",
        statement=(
            "Passwords, keys and tokens are stored in the key vault and read at run time by the identity that needs "
            "them. None is kept in files on disk, container images, wiki pages, tickets or chat. Every read is "
            "logged under the identity of the reader."
        ),
        answers_to=(
            "owasp-nhi-2025:NHI2:2025",
            "nist-sp-800-53-r5:IA-5(7)",
            "nist-csf-2-0:PR.AA-01",
        ),
        severity=Tier.HIGH,
    ),
    StarterControl(
        code="NHI-COD-01",
        title="No secrets in source code",
        statement=(
            "Every push is scanned for secrets before it is accepted, and the full history of each repository once a "
            "week. A secret that is found is revoked within four hours, in private repositories too. Removing the "
            "line is not enough, because the history keeps it."
        ),
        answers_to=(
            "owasp-nhi-2025:NHI2:2025",
            "nist-sp-800-53-r5:IA-5(7)",
            "nist-csf-2-0:PR.PS-06",
        ),
        severity=Tier.HIGH,
    ),
    StarterControl(
        code="NHI-CIP-01",
        title="Pipelines hold no long-lived secrets",
        statement=(
            "Build and deployment pipelines get their credentials by federation, bound to one repository, one "
            "protected branch or environment, and one hour at most. No static cloud key, deploy key or personal "
            "token is stored in a pipeline's settings. Builds of forks get no credential at all."
        ),
        answers_to=(
            "owasp-nhi-2025:NHI6:2025",
            "nist-csf-2-0:PR.PS-06",
            "nist-sp-800-53-r5:CM-3",
        ),
        severity=Tier.HIGH,
    ),
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
    StarterControl(
        code="NHI-CRT-01",
        title="Certificates live 90 days and renew themselves",
        statement=(
            "Server and client certificates come from a managed authority, live 90 days at most and renew without a "
            "person while a third of their life remains. The owner is alerted when a renewal has failed and 14 days "
            "are left. Production accepts no self-signed certificate."
        ),
        answers_to=(
            "nist-csf-2-0:PR.AA-01",
            "nist-sp-800-53-r5:SC-17",
            "nist-sp-800-53-r5:IA-5(2)",
        ),
        severity=Tier.MODERATE,
    ),
    StarterControl(
        code="NHI-CHG-01",
        title="Automation changes production inside the change window",
        statement=(
            "An identity that deploys to production, or changes it, can do so only in an approved change window and "
            "with the number of the change. Outside the window the platform refuses its writes. What cannot wait "
            "goes through the emergency procedure and is reviewed the next working day."
        ),
        answers_to=(
            "nist-csf-2-0:ID.RA-07",
            "nist-sp-800-53-r5:CM-3",
        ),
        severity=Tier.MODERATE,
    ),
    StarterControl(
        code="NHI-LOG-01",
        title="Every use of an identity is on record",
        statement=(
            "Each sign-in and each privileged action of a non-human identity reaches the central log within five "
            "minutes, with identity, source address, target and outcome. Entries are kept for twelve months where "
            "the identity itself cannot alter them. A source that falls silent for an hour raises an alert."
        ),
        answers_to=(
            "nist-csf-2-0:PR.PS-04",
            "nist-sp-800-53-r5:AU-2",
            "nist-sp-800-207:ZT-7",
        ),
        severity=Tier.HIGH,
    ),
    StarterControl(
        code="NHI-MFA-01",
        title="Whoever administers identities signs in with a strong second factor",
        statement=(
            "People who can reach the console of the key vault, the identity provider, the pipeline settings or cloud "
            "access management sign in with a passkey or security key. Codes by text message or telephone are not "
            "accepted. The second factor is asked for again after eight hours and before a secret is shown."
        ),
        answers_to=(
            "owasp-nhi-2025:NHI4:2025",
            "nist-csf-2-0:PR.AA-03",
            "nist-sp-800-53-r5:IA-2(1)",
        ),
        severity=Tier.CRITICAL,
    ),
    StarterControl(
        code="NHI-NET-01",
        title="Credentials work only from known networks",
        statement=(
            "A long-lived credential is accepted only from the networks its workload runs in, as recorded in the "
            "register. An attempt from elsewhere is refused and alerts the owner. Ranges wider than /24 need a "
            "reason on record, and the whole internet is never a range."
        ),
        answers_to=(
            "nist-csf-2-0:PR.IR-01",
            "nist-sp-800-207:ZT-2",
            "nist-sp-800-53-r5:SC-7",
        ),
        severity=Tier.MODERATE,
    ),
    StarterControl(
        code="NHI-SGN-01",
        title="Code-signing keys never leave hardware",
        statement=(
            "Keys that sign software are made in a hardware security module and marked as not exportable. Only the "
            "release pipeline can ask for a signature, for an artifact it has built from reviewed source, and each "
            "signature is logged with the artifact's digest. No copy exists on a laptop, a build host or a backup."
        ),
        answers_to=(
            "nist-csf-2-0:PR.DS-01",
            "nist-sp-800-53-r5:SI-7",
        ),
        severity=Tier.CRITICAL,
    ),
    StarterControl(
        code="NHI-API-01",
        title="API keys have a scope and an end",
        statement=(
            "Each API key names its consumer, the operations it may call and an end at most 180 days away. A key "
            "without a scope or an end cannot be issued. The list of issued keys is compared with the register "
            "every day, and a key without an entry is revoked."
        ),
        answers_to=(
            "owasp-nhi-2025:NHI4:2025",
            "nist-csf-2-0:PR.AA-03",
            "nist-sp-800-53-r5:IA-9",
        ),
        severity=Tier.MODERATE,
    ),
    StarterControl(
        code="NHI-STL-01",
        title="Unused identities are removed",
        statement=(
            "An identity that has not signed in for 60 days is disabled, and deleted with its rights 30 days later. "
            "One needed only at times, such as for a yearly closing, is kept disabled in between. Disabling is done "
            "by a job whose last run and count are on a dashboard."
        ),
        answers_to=(
            "owasp-nhi-2025:NHI1:2025",
            "nist-csf-2-0:ID.AM-08",
            "nist-sp-800-53-r5:AC-2(3)",
        ),
        severity=Tier.LOW,
    ),
    StarterControl(
        code="NHI-BGL-01",
        title="Break-glass accounts are kept by two and tested",
        statement=(
            "A break-glass account opens only with two people's halves of its credential, kept in separate places. "
            "Every use pages the security team within one minute and is followed by a new credential within 24 "
            "hours. The account is tried out once a quarter, and the result is written down."
        ),
        answers_to=(
            "nist-csf-2-0:PR.AA-05",
            "nist-sp-800-53-r5:AC-2(2)",
        ),
        severity=Tier.CRITICAL,
    ),
    StarterControl(
        code="NHI-WHK-01",
        title="Webhooks are signed and checked",
        statement=(
            "Each webhook we send or receive carries a signature over its body and its time, with a key of its own "
            "for each partner. The receiver refuses a missing or wrong signature, a time more than five minutes off, "
            "and a message it has seen before. Keys are rotated like any other secret."
        ),
        answers_to=(
            "owasp-nhi-2025:NHI4:2025",
            "nist-csf-2-0:PR.DS-02",
            "nist-sp-800-53-r5:SC-8",
        ),
        severity=Tier.LOW,
    ),
)
