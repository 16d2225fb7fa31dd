"""What a browser would send from the exception form, and the little company it is sent in."""

from datetime import timedelta

from django.test import Client

from audit import clock
from catalog.models import Tier
from exceptions_app.models import ExceptionCase
from tests import factories
from workflows import services as work

NEW = "/exceptions/new/"


class Company:
    """One control decided by Bob's group, one identity of Olive's, one system; Alice is signed in."""

    def __init__(self):
        self.alice, self.bob, self.mallory = factories.alice(), factories.bob(), factories.mallory()
        self.group = factories.ApproverGroupFactory(slug="approvers")
        self.control = factories.ControlFactory(code="NHI-ROT-01", approver_group=self.group, severity=Tier.LOW)
        self.identity = factories.IdentityFactory(slug="svc-erp")
        self.system = factories.SystemFactory(slug="key-vault")
        self.client = signed_in(self.alice)

    def draft(self, client=None, **fields):
        """A draft filed through the form; answers the case."""
        answer = (client or self.client).post(NEW, whole(**fields))
        assert answer.status_code == 302
        return ExceptionCase.objects.latest("pk")

    def request(self, **fields):
        """A case that waits for its approvers."""
        return work.submit(case=self.draft(**fields), actor=self.alice, at=clock.now())


def signed_in(person):
    client = Client()
    client.force_login(person)
    return client


def rows(prefix, *items):
    """A formset's fields."""
    data = {f"{prefix}-TOTAL_FORMS": str(len(items)), f"{prefix}-INITIAL_FORMS": "0"}
    for number, item in enumerate(items):
        data |= {f"{prefix}-{number}-{name}": value for name, value in item.items()}
    return data


def bare(**fields):
    """A form with nothing but what is given."""
    return rows("grants", {}) | rows("safeguards", {}) | {"kind": "planned", "act": "save"} | fields


GRANT = {"system": "Key vault", "actions": "read, list", "resource": "kv/prod/erp/*", "networks": "10.4.0.0/16"}
SAFEGUARD = {"kind": "network", "description": "Only the ERP subnet is let in.", "required": "on"}


def whole(*, grants=(GRANT,), safeguards=(SAFEGUARD,), **fields):
    """A form that could be submitted."""
    return (
        bare(
            title="Legacy ERP hard-codes its credential path",
            control="NHI-ROT-01",
            blocked="Rotation refuses svc-erp.",
            normal_path="The path is compiled in.",
            justification="The nightly close fails.",
            identity="svc-erp",
            credential_form="long_lived_secret",
            owner="alice@example.com",
            likelihood="2",
            impact="2",
            term_days="30",
            exit_plan="Install the patch and rotate.",
            remediation_on=(clock.now() + timedelta(days=20)).date().isoformat(),
            if_conditions_change="Revoke.",
        )
        | rows("grants", *grants)
        | rows("safeguards", *safeguards)
        | fields
    )


def url(case, page="draft"):
    return f"/exceptions/{case.reference}/{page}/"


def upon(case, **fields):
    """The whole form as written upon the case's present version."""
    return whole(version=str(ExceptionCase.objects.get(pk=case.pk).version), **fields)


def text(answer):
    return answer.content.decode()
