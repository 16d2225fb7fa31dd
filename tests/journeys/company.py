"""The company of every journey, made through the services, here or in the database of a portal beside the tests.

Alice asks for svc-erp, which she owns; Boris is to stand in for her; Bob approves; Sven owns the system it opens, so he
gains nothing and may say that access is gone; Audrey audits; Mallory must not.
"""

import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta

from accounts import services as accounts
from accounts.models import ApproverGroup, User
from audit import clock
from catalog import services as catalog
from catalog.models import Control, Identity, System, Tier
from config.env import BASE_DIR
from exceptions_app import services as cases
from exceptions_app.services import DraftContent, GrantContent, SafeguardContent
from tests.factories import PASSWORD
from workflows import services as work

_FOUND = "from tests.journeys import company; company.found()"
CONTROL, IDENTITY, SYSTEM = "NHI-ROT-01", "svc-erp", "Key vault"


@dataclass(frozen=True)
class Company:
    alice: User
    bob: User
    group: ApproverGroup
    control: Control
    identity: Identity
    system: System

    def request(self, **fields):
        """A case of Alice's that waits for Bob."""
        at = clock.now()
        asked = {
            "title": "Legacy ERP hard-codes its credential path",
            "control": self.control,
            "blocked": "Rotation refuses svc-erp.",
            "normal_path": "The path is compiled in.",
            "justification": "The nightly close fails.",
            "identity": self.identity,
            "credential_form": "long_lived_secret",
            "likelihood": 2,
            "impact": 2,
            "term_days": 30,
            "exit_plan": "Install the patch and rotate.",
            "remediation_on": (at + timedelta(days=20)).date(),
            "if_conditions_change": "Revoke.",
        }
        content = DraftContent(
            asked | fields,
            grants=[GrantContent(self.system, ("read",), "kv/prod/erp/*")],
            safeguards=[SafeguardContent("network", "The firewall lets in only the ERP subnet.")],
        )
        draft = cases.open_draft(actor=self.alice, at=at, content=content)
        return work.submit(case=draft, actor=self.alice, at=at)


def found():
    """Open the accounts and fill the catalog."""
    here = {"actor": None, "at": clock.now()}
    alice, boris, bob, sven, _audrey, _mallory = (
        accounts.create_user(email=email_of(name), name=f"{name} {surname}", password=PASSWORD, **roles, **here)
        for name, surname, roles in (
            ("Alice", "Andersson", {}),
            ("Boris", "Boman", {}),
            ("Bob", "Berg", {}),
            ("Sven", "Sund", {}),
            ("Audrey", "Alm", {"is_auditor": True}),
            ("Mallory", "Malm", {}),
        )
    )
    group = accounts.create_group(name="Key custodians", **here)
    accounts.add_member(group=group, member=bob, **here)
    control = catalog.create_control(
        code=CONTROL,
        title="Secrets are rotated",
        statement="A secret is replaced every 90 days.",
        approver_group=group,
        severity=Tier.LOW,
        **here,
    )
    identity = catalog.create_identity(
        name=IDENTITY, kind="service_account", environment="production", owner=alice, backup_owner=boris, **here
    )
    system = catalog.create_system(name=SYSTEM, environment="production", criticality=Tier.MODERATE, owner=sven, **here)
    return Company(alice, bob, group, control, identity, system)


def found_in(portal):
    """The same in a running portal's database, by a process with that portal's settings."""
    subprocess.run(
        [
            sys.executable,
            "manage.py",
            "shell",
            "--no-imports",
            "-c",
            "from tests.journeys import company; company.found()",
        ],
        cwd=BASE_DIR,
        env=portal.environment,
        stdin=subprocess.DEVNULL,
        check=True,
    )


def email_of(name):
    return f"{name.lower()}@example.com"
