"""A small company with people in every role, and cases brought to any state through the services alone.

Alice asks and Olga owns; Bob and Carol approve; Frida stands in the fallback group; Connie owns the control, Sven the
system, Olive the identity; Petra runs the programme; Audrey audits; Mallory has no business here.
"""

from datetime import UTC, datetime, timedelta
from functools import cached_property

from django.utils.text import slugify

from accounts import services as people
from accounts.models import ApproverGroup
from catalog import services as catalog
from catalog.models import CredentialForm, Environment, IdentityKind, Tier
from exceptions_app import ask, freshness, services
from exceptions_app.models import RELIED_ON, ExceptionCase, Outcome, RemovalHow, Review, SafeguardKind
from exceptions_app.routing import RoutePlan, StepPlan
from exceptions_app.services import DraftContent, Finding, GrantContent, SafeguardContent

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
TEXTS = {
    "title": "Static key for the ERP sync",
    "blocked": "The nightly sync fails: the vault refuses keys older than a day.",
    "normal_path": "The ERP's connector cannot fetch short-lived tokens yet.",
    "justification": "Invoices stop if the sync stops.",
    "if_conditions_change": "Rotate the key at once and stop the sync.",
    "exit_plan": "Connector 5.2 brings workload identity.",
}
SINCE = {
    "what_changed": "Nothing: the sync calls as before.",
    "exit_progress": "Connector 5.2 runs in test.",
    "why_still": "It is not in production before May.",
}
"""What is answered where it turns out to be a renewal."""


class World:
    """People and catalog come into being when first named."""

    def __init__(self, at=START, count=1, decide_within=5 * DAY):
        self.start, self.count, self.decide_within = at, count, decide_within
        self._people = {}

    def person(self, name, **details):
        """The person of that name, made on first use."""
        if name not in self._people:
            self._people[name] = people.create_user(
                actor=None, at=self.start - 30 * DAY, email=f"{slugify(name)}@example.org", name=name, **details
            )
        return self._people[name]

    def found(self):
        """Bring into being what nearly every case needs."""
        return self.alice, self.olga, self.group, self.control, self.identity, self.system

    @property
    def alice(self):
        return self.person("Alice")

    @property
    def olga(self):
        return self.person("Olga", manager=self.person("Mona"))

    @property
    def bob(self):
        self.group  # noqa: B018 — Bob is nobody without his group
        return self.person("Bob")

    @property
    def carol(self):
        self.group  # noqa: B018
        return self.person("Carol")

    @property
    def frida(self):
        self.fallback  # noqa: B018
        return self.person("Frida")

    @property
    def connie(self):
        return self.person("Connie")

    @property
    def sven(self):
        return self.person("Sven")

    @property
    def olive(self):
        return self.person("Olive")

    @property
    def petra(self):
        return self.person("Petra", is_programme_manager=True)

    @property
    def audrey(self):
        return self.person("Audrey", is_auditor=True)

    @property
    def mallory(self):
        return self.person("Mallory")

    @cached_property
    def group(self):
        return self.make_group("Identity approvers", "Bob", "Carol")

    @cached_property
    def fallback(self):
        group = self.make_group("Risk office", "Frida")
        people.set_fallback(group=group, actor=None, at=self.start - 30 * DAY)
        return ApproverGroup.objects.get(pk=group.pk)

    def make_group(self, name, *members):
        group = people.create_group(name=name, actor=None, at=self.start - 30 * DAY)
        for member in members:
            people.add_member(group=group, member=self.person(member), actor=None, at=self.start - 30 * DAY)
        return group

    @cached_property
    def control(self):
        return self.make_control("NHI-ROT-01")

    def make_control(self, code, **details):
        """Moderate severity: terms 180/90/30/14 and lifetimes 365/180/90/28 days, by tier from low to critical."""
        given = {
            "title": "Secrets are rotated",
            "statement": "A secret lives for a day at most.",
            "severity": Tier.MODERATE,
            "owner": self.connie,
            "approver_group": self.group,
        } | details
        return catalog.create_control(code=code, actor=None, at=self.start - 30 * DAY, **given)

    @cached_property
    def identity(self):
        return self.make_identity("erp-sync")

    def make_identity(self, name, **details):
        given = {
            "kind": IdentityKind.SERVICE_ACCOUNT,
            "environment": Environment.STAGING,
            "owner": self.olive,
            "credential_form": CredentialForm.LONG_LIVED_SECRET,
        } | details
        return catalog.create_identity(name=name, actor=None, at=self.start - 30 * DAY, **given)

    @cached_property
    def system(self):
        return self.make_system("Vault")

    def make_system(self, name, **details):
        given = {"environment": Environment.STAGING, "criticality": Tier.MODERATE, "owner": self.sven} | details
        return catalog.create_system(name=name, actor=None, at=self.start - 30 * DAY, **given)

    # What is asked

    def grant(self, resource="kv/erp/key", *, system=None, actions=("read",), **details):
        return GrantContent(system or self.system, actions, resource, **details)

    def safeguard(self, description="Alerts on any other caller", *, required=False):
        return SafeguardContent(SafeguardKind.MONITORING, description, required)

    def content(self, *, grants=None, safeguards=None, **fields):
        """A complete ask of moderate risk: 30 days for the ERP sync, owned by Olga."""
        given = {
            **TEXTS,
            **SINCE,
            "control": self.control,
            "identity": self.identity,
            "owner": self.olga,
            "credential_form": CredentialForm.LONG_LIVED_SECRET,
            "likelihood": 2,
            "impact": 3,
            "term_days": 30,
            "remediation_on": (self.start + 60 * DAY).date(),
        } | fields
        return DraftContent(
            fields=given,
            grants=[self.grant()] if grants is None else grants,
            safeguards=[self.safeguard()] if safeguards is None else safeguards,
        )

    def router(self, case):
        """One step for the control's group."""
        group = case.control.approver_group
        return RoutePlan((StepPlan(group.name, group, self.count, ("control",), self.decide_within),))

    def routed(self, *steps, decide_within=None, **further):
        """A router that asks these (group, count) pairs in order."""
        within = decide_within or self.decide_within
        plans = tuple(StepPlan(group.name, group, count, ("test",), within, **further) for group, count in steps)
        return lambda case: RoutePlan(plans)

    # Cases, state by state

    def draft(self, at=None, *, actor=None, **fields):
        return services.open_draft(actor=actor or self.alice, at=at or self.start, content=self.content(**fields))

    def requested(self, at=None, *, router=None, **fields):
        case = self.draft(at, **fields)
        return self.submit(case, at or self.start, router=router)

    def approved(self, at=None, *, router=None, **fields):
        return self.approve(self.requested(at, router=router, **fields), at or self.start)

    def active(self, at=None, **fields):
        return self.activate(self.approved(at, **fields), at or self.start)

    def expiring(self, at=None, **fields):
        case = self.tended(self.active(at, **fields))
        assert services.warn(case=case, at=case.warn_at)
        return fresh(case)

    def suspended(self, at=None, **fields):
        case = self.active(at, **fields)
        return services.suspend(case=case, actor=self.connie, at=(at or self.start) + HOUR, reason="Odd calls seen.")

    def revoked(self, at=None, **fields):
        case = self.active(at, **fields)
        return services.revoke(case=case, actor=self.connie, at=(at or self.start) + HOUR, reason="Key leaked.")

    def rejected(self, at=None, **fields):
        case = self.requested(at, **fields)
        return services.reject(
            case=case, actor=self.bob, at=(at or self.start) + HOUR, digest=ask.digest(case), reason="Too wide."
        )

    def withdrawn(self, at=None, **fields):
        case = self.requested(at, **fields)
        return services.withdraw(case=case, actor=self.alice, at=(at or self.start) + HOUR)

    def closed(self, at=None, **fields):
        case = self.tended(self.active(at, **fields))
        assert services.expire(case=case, at=case.expires_at)
        return fresh(case)

    def tended(self, case, until=None):
        """The case, its safeguards verified and itself reviewed until its end, each time a day before that runs out."""
        until, tier = until or case.expires_at, freshness.tier_of(case)
        while True:
            guards = [(freshness.counts_until(one, case) - freshness.GRACE[tier], one) for one in case.safeguards.all()]
            looks = [(one.due_at, one) for one in case.reviews.unanswered() if case.state in RELIED_ON]
            due_at, one = min([*guards, *looks], key=lambda due: due[0], default=(until, None))
            if due_at >= until:
                return fresh(case)
            if isinstance(one, Review):
                case = self.review(case, due_at - DAY)
            else:
                services.verify_safeguard(safeguard=one, actor=self.connie, at=due_at - DAY, statement="It fires.")
                case = fresh(case)

    def review(self, case, at, outcome=Outcome.KEEP, *, actor=None, **found):
        """Every open review of the case answered, by Connie unless somebody else is named."""
        finding = Finding(outcome, found.pop("statement", "Still needed, and as it was approved."), **found)
        return services.review(case=case, actor=actor or self.connie, at=at, finding=finding, seen=shown(case, at))

    def renewal(self, case, at, *, actor=None, **fields):
        """A requested renewal of the case."""
        draft = services.renew(case=case, actor=actor or self.alice, at=at)
        grants, safeguards = fields.pop("grants", None), fields.pop("safeguards", None)
        fields = {"remediation_on": (at + 60 * DAY).date(), **SINCE} | fields
        services.save_draft(
            case=draft,
            actor=actor or self.alice,
            at=at,
            version=draft.version,
            content=DraftContent(fields, grants, safeguards),
        )
        return self.submit(draft, at, actor=actor)

    # Single steps

    def submit(self, case, at, *, actor=None, router=None):
        return services.submit(case=case, actor=actor or self.alice, at=at, router=router or self.router)

    def approve(self, case, at, *, actor=None, digest=None):
        return services.approve(
            case=case,
            actor=actor or self.bob,
            at=at,
            digest=digest or ask.digest(fresh(case)),
            statement="I accept that a stolen key works for 30 days.",
            capacity="Head of identity",
        )

    def activate(self, case, at):
        services.activate(case=case, at=at, router=self.router)
        return fresh(case)

    def sweep(self, at):
        """Every clock verb over every case, in the order the clock runs them."""
        keys = list(ExceptionCase.objects.order_by("pk").values_list("pk", flat=True))
        services.fall_many(keys=keys, at=at)
        services.lapse_many(keys=keys, at=at)
        services.activate_many(keys=keys, at=at, router=self.router)
        services.warn_many(keys=keys, at=at)
        services.expire_many(keys=keys, at=at)


def shown(case, at):
    """Keys of the reviews a person sees who opens the case at that instant."""
    return set(case.reviews.open(at).values_list("pk", flat=True))


def fresh(row):
    """The row as it stands in the database."""
    return type(row)._default_manager.get(pk=row.pk)


def witness(case, verb, actor, at):
    """The actor says of the case's safeguard, suspension or grant what somebody who does not gain may say."""
    match verb:
        case "verify_safeguard":
            services.verify_safeguard(safeguard=case.safeguards.get(), actor=actor, at=at, statement="It fired.")
        case "resume":
            services.resume(case=case, actor=actor, at=at, statement="All well.", seen=shown(case, at))
        case "confirm_removal":
            services.confirm_removal(grant=case.grants.get(), actor=actor, at=at, how=RemovalHow.SECRET_ROTATED)
        case _:
            raise ValueError(verb)


def stand_in(person, delegate, *, begins=START, days=30):
    """The person is away, and the delegate has accepted to stand in."""
    named = {"from_at": begins, "until_at": begins + days * DAY, "reason": "Leave"}
    absence = people.announce_absence(user=person, actor=person, delegate=delegate, at=START, **named)
    return people.accept_delegation(absence=absence, actor=delegate, at=START)


def save(case, actor, **fields):
    """The actor writes these fields of a draft."""
    version = fresh(case).version
    services.save_draft(case=case, actor=actor, at=START, version=version, content=DraftContent(fields))
