"""A small company for these tests: Alice asks, Bob and Bea approve, everything through the services."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from accounts import services as accounts
from accounts.models import ApproverGroup, User
from catalog import services as catalog
from catalog.models import Control, Identity, System, Tier
from exceptions_app import ask
from exceptions_app import services as cases
from exceptions_app.models import SINCE, ExceptionCase
from exceptions_app.services import DraftContent, GrantContent, SafeguardContent
from workflows import services as workflows
from workflows import sweeps

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ANSWERS = dict(zip(SINCE, ("Nothing has.", "The connector is in test.", "It is not live yet."), strict=True))
"""What a renewal answers."""


def person(name, **details):
    email = f"{name.lower()}@example.org"
    return accounts.create_user(actor=None, at=AT - DAY, email=email, name=name, **details)


@dataclass(frozen=True)
class Stage:
    """The people and things of a test; the verbs bring a case to where the test begins."""

    alice: User
    bob: User
    bea: User
    omar: User
    petra: User
    group: ApproverGroup
    control: Control
    identity: Identity
    system: System

    def content(self, *, safeguard_required=False, grants=1, **fields):
        return DraftContent(
            {
                "title": "Old key in the ERP",
                "control": self.control,
                "identity": self.identity,
                "blocked": "Rotation of the key",
                "normal_path": "The vendor reads it from a file",
                "justification": "Invoices stop otherwise",
                "if_conditions_change": "Revoke the key",
                "exit_plan": "Version 9 reads the vault",
                "remediation_on": date(2027, 3, 1),
                "credential_form": "long_lived_secret",
                "likelihood": 1,
                "impact": 2,
                "term_days": 60,
            }
            | fields,
            grants=[
                GrantContent(self.system, ("read",), f"kv/erp/{number}", conditions="At night")
                for number in range(grants)
            ],
            safeguards=[SafeguardContent("network", "Only from 10.4.0.0/16", required=safeguard_required)],
        )

    def draft(self, *, at=AT, actor=None, **content):
        return cases.open_draft(actor=actor or self.alice, at=at, content=self.content(**content))

    def submit(self, case, *, at=AT):
        return workflows.submit(case=case, actor=case.requester, at=at)

    def requested(self, *, at=AT, **content):
        return self.submit(self.draft(at=at, **content), at=at)

    def approve(self, case, *, at=AT, actor=None):
        case = fresh(case)
        return cases.approve(
            case=case,
            actor=actor or self.bob,
            at=at,
            digest=ask.digest(case),
            statement="Seen, and small",
            capacity="Head of platform",
        )

    def approved(self, *, at=AT, **content):
        return self.approve(self.requested(at=at, **content), at=at)

    def active(self, *, at=AT, **content):
        case = self.approved(at=at, **content)
        sweeps.run(sweeps.ACTIVATE, at=at)
        return fresh(case)

    def another(self, **changes):
        """The same stage with another identity, so that lifetimes do not add up."""
        number = Identity.objects.count()
        identity = catalog.create_identity(
            actor=None, at=AT - DAY, name=f"svc-{number}", kind="service_account", environment="development"
        )
        return replace(self, identity=identity, **changes)


def build():
    alice, bob, bea, omar = (person(name) for name in ("Alice", "Bob", "Bea", "Omar"))
    petra = person("Petra", is_programme_manager=True)
    group = accounts.create_group(name="Platform security", actor=None, at=AT - DAY)
    for member in (bob, bea):
        accounts.add_member(group=group, member=member, actor=None, at=AT - DAY)
    control = catalog.create_control(
        code="NHI-ROT-01",
        title="Secrets are rotated",
        statement="Every 90 days",
        approver_group=group,
        severity=Tier.LOW,
        owner=omar,
        actor=None,
        at=AT - DAY,
    )
    identity = catalog.create_identity(
        actor=None, at=AT - DAY, name="svc-erp", kind="service_account", environment="development"
    )
    system = catalog.create_system(
        actor=None, at=AT - DAY, name="Vault", environment="development", criticality=Tier.LOW, owner=omar
    )
    return Stage(alice, bob, bea, omar, petra, group, control, identity, system)


def fresh(case):
    return ExceptionCase.objects.get(pk=case.pk)
