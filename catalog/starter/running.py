"""Controls on certificates, changes, logs, networks and what is used in an emergency."""

from catalog.models import Tier
from catalog.starter.shape import StarterControl

CONTROLS = (
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
