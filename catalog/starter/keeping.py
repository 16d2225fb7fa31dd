"""Controls on owners, secrets and code."""

from catalog.models import Tier
from catalog.starter.shape import StarterControl

CONTROLS = (
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
)
