"""Which rules ask whom, against a slow and obvious reading of the same rules."""

import random
from datetime import timedelta
from itertools import product

import pytest
from django.core.management import CommandError, call_command

from accounts import services as accounts
from accounts.errors import NotPossible
from audit.models import Event
from catalog import services as catalog
from catalog.models import CredentialForm, Environment, Identity, IdentityKind, Tier
from exceptions_app.limits import Draft
from exceptions_app.models import ExceptionCase, Grant, Kind, Source
from tests.workflows.stage import AT, DAY
from workflows import rulebook
from workflows.facts import Facts
from workflows.models import ApprovalRule, RuleStep
from workflows.routing import TIME_TO_DECIDE, fitting, route_of, united

FRAMEWORKS = ["nist-csf-2-0", "owasp-nhi-2025"]
CONTROLS = ["NHI-OWN-01", "NHI-ROT-01", "NHI-AGT-01"]


def facts(**other):
    return Facts(
        **{
            "kind": "planned",
            "tier": Tier.LOW,
            "control": "NHI-ROT-01",
            "frameworks": frozenset(FRAMEWORKS[:1]),
            "environments": frozenset({"production"}),
            "identity_kind": "service_account",
            "credential_forms": frozenset({"long_lived_secret"}),
            "has_vendor": False,
            "goes_beyond_reading": False,
            "renewal": 0,
            "term_days": 30,
        }
        | other
    )


def every_request():
    """Each kind, tier, environment, kind of identity and renewal number, with a vendor and without."""
    luck = random.Random(7)
    for kind, tier, environment, identity_kind, renewal, has_vendor in product(
        Kind.values, Tier, Environment.values, IdentityKind.values, range(4), (False, True)
    ):
        yield facts(
            kind=kind,
            tier=tier,
            environments=frozenset({environment, luck.choice(Environment.values)}),
            identity_kind=identity_kind,
            renewal=renewal,
            credential_forms=frozenset(luck.sample(CredentialForm.values, luck.randint(1, 2))),
            control=luck.choice(CONTROLS),
            frameworks=frozenset(luck.sample(FRAMEWORKS, luck.randint(0, 2))),
            has_vendor=has_vendor,
            goes_beyond_reading=luck.random() < 0.5,
            term_days=luck.choice([1, 30, 31, 90]),
        )


SURE = (
    {"assurance": "session", "in_bulk": True},
    {"assurance": "session", "in_bulk": False},
    {"assurance": "fresh", "in_bulk": False},
    {"assurance": "mfa", "in_bulk": False},
)


def holds(rule, request):
    """Whether a rule holds for a request, condition by condition."""
    named = [request.control in rule.controls] + [one in rule.frameworks for one in request.frameworks]
    return not (
        (rule.kinds and request.kind not in rule.kinds)
        or (rule.tier_at_least and request.tier < rule.tier_at_least)
        or ((rule.controls or rule.frameworks) and not any(named))
        or (rule.environments and not any(one in rule.environments for one in request.environments))
        or (rule.identity_kinds and request.identity_kind not in rule.identity_kinds)
        or (rule.credential_forms and not any(one in rule.credential_forms for one in request.credential_forms))
        or (rule.with_vendor and not request.has_vendor)
        or (rule.beyond_reading and not request.goes_beyond_reading)
        or (rule.renewal_at_least and request.renewal < rule.renewal_at_least)
        or (rule.longer_than_days and not request.term_days > rule.longer_than_days)
    )


def obvious(rules, request):
    """What the rules ask of a request, read word by word: who, how many, how long, by which rules, how sure."""
    asking = [rule for rule in rules if not rule.is_fallback and holds(rule, request)]
    asking = asking or [rule for rule in rules if rule.is_fallback]
    table = {}
    for rule in sorted(asking, key=lambda one: one.name):
        for step in rule.steps.all():
            who = (step.source, step.group and step.group.slug, step.person and step.person.email)
            table.setdefault(who, []).append((step, rule.name))
    listed = []
    for place, (who, asked) in enumerate(table.items()):
        hours = [step.decide_within_hours for step, _rule in asked if step.decide_within_hours]
        order = min(step.order for step, _rule in asked)
        many = max(step.count for step, _rule in asked)
        reasons = tuple(dict.fromkeys(rule for _step, rule in asked))
        surest = next(one for one in ("mfa", "fresh", "session") if any(step.assurance == one for step, _rule in asked))
        several = surest == "session" and request.tier < 4 and not any(not step.in_bulk for step, _rule in asked)
        time = min(hours) if hours else {1: 168, 2: 120, 3: 72, 4: 48}[request.tier]
        listed.append((order, place, who, many, time, reasons, surest, several))
    return [entry[2:] for entry in sorted(listed, key=lambda entry: entry[:2])]


def told(rules, request):
    steps = united([(rule.name, list(rule.steps.all())) for rule in fitting(rules, request)], request.tier)
    return [
        (
            (one.plan.source, one.plan.group and one.plan.group.slug, one.plan.person and one.plan.person.email),
            one.plan.count,
            one.plan.decide_within // timedelta(hours=1),
            one.plan.reasons,
            one.plan.assurance,
            one.plan.in_bulk,
        )
        for one in steps
    ]


def loaded(stage):
    for name in ("CISO", "Third parties"):
        accounts.create_group(name=name, actor=None, at=AT)
    rulebook.load(rulebook.starter_rules(security="ciso", vendors="third-parties"), at=AT)
    return with_steps()


def with_steps():
    return list(ApprovalRule.objects.prefetch_related("steps__group", "steps__person"))


def test_the_first_renewal_asks_the_lead_too_and_every_later_one_the_ciso_group(stage):
    contents = rulebook.starter_rules(security="ciso", vendors="third-parties")

    asked = {
        content.values["name"]: (content.values["renewal_at_least"], content.steps[0].source)
        for content in contents
        if content.values["renewal_at_least"]
    }

    assert asked == {"First renewal": (1, Source.CONTROL_LEAD), "Second renewal and later": (2, Source.GROUP)}


def test_the_starter_rules_ask_what_an_obvious_reading_of_them_asks(stage):
    rules, routes = loaded(stage), set()

    requests = list(every_request())
    for request in requests:
        asked = told(rules, request)
        assert asked == obvious(rules, request), request
        routes.add(str(asked))

    assert len(requests) == 3 * 4 * 4 * 8 * 4 * 2
    assert len(routes) > 30


@pytest.mark.parametrize("seed", range(4))
def test_random_rules_ask_what_an_obvious_reading_of_them_asks(stage, seed):
    luck = random.Random(seed)
    rules = random_rules(stage, luck)

    for request in luck.sample(list(every_request()), 300):
        assert told(rules, request) == obvious(rules, request), (request, [rule.name for rule in rules])


def random_rules(stage, luck):
    groups = [accounts.create_group(name=f"Group {n}", actor=None, at=AT) for n in range(3)]

    def some(values, most=2):
        return luck.sample(list(values), luck.randint(1, most)) if luck.random() < 0.3 else []

    for number in range(8):
        rule = ApprovalRule.objects.create(
            name=f"Rule {luck.randint(0, 999)} {number}",
            slug=f"rule-{number}",
            is_fallback=number == 0,
            valid_from_at=AT,
            kinds=some(Kind.values),
            tier_at_least=luck.choice([None, None, *Tier]),
            controls=some(CONTROLS),
            frameworks=some(FRAMEWORKS),
            environments=some(Environment.values),
            identity_kinds=some(IdentityKind.values, 4),
            credential_forms=some(CredentialForm.values, 3),
            with_vendor=luck.random() < 0.2,
            beyond_reading=luck.random() < 0.2,
            renewal_at_least=luck.choice([None, None, None, 1, 2]),
            longer_than_days=luck.choice([None, None, None, 30]),
        )
        for _ in range(luck.randint(1, 3)):
            source = luck.choice(Source.values)
            RuleStep.objects.create(
                rule=rule,
                order=luck.randint(1, 3),
                name=f"Step {luck.randint(0, 99)}",
                source=source,
                group=luck.choice(groups) if source == Source.GROUP else None,
                person=luck.choice([stage.bob, stage.bea]) if source == Source.PERSON else None,
                count=luck.randint(1, 3),
                decide_within_hours=luck.choice([None, 4, 48]),
                **luck.choice(SURE),
            )
    return with_steps()


def route(stage, **other):
    case = ExceptionCase(**{"control": stage.control, "identity": stage.identity, "risk_tier": Tier.LOW} | other)
    return route_of(Draft(case, [], []), AT)


def test_without_rules_the_controls_approver_group_decides_and_the_route_says_so(stage):
    [step] = route(stage).steps

    assert (step.source, step.count, step.name) == (Source.CONTROL_GROUP, 1, stage.group.name)
    assert step.reasons == ("Every exception is decided by the control's approver group",)


@pytest.mark.parametrize(
    ("tier", "days"), [(Tier.CRITICAL, 2), (Tier.HIGH, 3), (Tier.MODERATE, 5), (Tier.LOW, 7), (None, 2)]
)
def test_time_to_decide_follows_the_tier(stage, tier, days):
    identity = None if tier is None else stage.identity
    assert route(stage, risk_tier=tier, identity=identity).decide_within == timedelta(days=days)


def test_steps_take_their_time_one_after_the_other(stage):
    loaded(stage)

    plan = route(stage, risk_tier=Tier.CRITICAL)

    assert [step.name for step in plan.steps] == ["Control owner", "Approver group", "CISO group"]
    assert plan.decide_within == 3 * TIME_TO_DECIDE[Tier.CRITICAL]


def test_without_a_control_nobody_can_be_asked(db):
    with pytest.raises(NotPossible):
        route_of(Draft(ExceptionCase(), [], []), AT)


def test_a_rule_holds_from_its_day_on_and_while_it_is_on(stage):
    loaded(stage)
    later = ApprovalRule.objects.get(slug="every-exception")

    assert route(stage).steps[0].reasons == ("Every exception",)
    assert route_of(Draft(ExceptionCase(control=stage.control), [], []), AT - DAY).steps[0].reasons != (later.name,)


def test_submission_pins_the_route_its_reasons_and_its_deadline(stage):
    loaded(stage)
    vendor = catalog.create_vendor(name="Acme", actor=None, at=AT)
    identity = Identity.objects.get(pk=stage.identity.pk)
    catalog.change_identity(identity=identity, version=identity.version, actor=None, at=AT, vendor=vendor)

    case = stage.requested()

    steps = case.routes.get().steps.all()
    assert [(step.name, step.source, step.count) for step in steps] == [
        ("Approver group", "control_group", 1),
        ("Third-party risk", "group", 1),
    ]
    assert steps[1].reasons == ["Vendor involved"]
    assert case.decide_by_at == AT + timedelta(days=7)
    assert [step.decide_within for step in steps] == [timedelta(days=7)] * 2


@pytest.mark.parametrize(("actions", "people"), [(["read", "list"], 1), (["read", "rotate"], 2)])
def test_an_agent_that_does_more_than_read_takes_two_people(stage, actions, people):
    loaded(stage)
    agent = catalog.create_identity(
        name="Helper", kind="ai_agent", environment="development", credential_form="none", actor=None, at=AT
    )
    case = ExceptionCase(control=stage.control, identity=agent, credential_form="none", risk_tier=Tier.LOW)

    [step] = route_of(Draft(case, [Grant(system=stage.system, actions=actions)], []), AT).steps

    assert step.count == people
    assert step.reasons == (("AI agent that does more than read",) if people == 2 else ()) + ("Every exception",)


@pytest.mark.parametrize("named", CredentialForm.values)
def test_naming_another_credential_takes_nobody_off_the_route(stage, named):
    loaded(stage)
    robot = catalog.create_identity(
        name="Robot",
        kind="ci_pipeline",
        environment="production",
        credential_form="long_lived_secret",
        actor=None,
        at=AT,
    )
    case = ExceptionCase(control=stage.control, identity=robot, credential_form=named, risk_tier=Tier.LOW)

    steps = route_of(Draft(case, [Grant(system=stage.system, actions=["read"])], []), AT).steps

    assert "system_owner" in [step.source for step in steps]


def test_the_command_puts_the_rules_into_force_once_each_with_its_event(db, capsys):
    for name in ("CISO", "Third parties"):
        accounts.create_group(name=name, actor=None, at=AT)

    for _ in range(2):
        call_command("load_starter_rules", ciso="ciso", vendors="third-parties")

    assert "7 rules are in force now." in capsys.readouterr().out
    assert Event.objects.filter(kind="rule.created").count() == ApprovalRule.objects.count() == 7


def test_the_command_names_a_group_that_is_not_there_and_saves_nothing(db):
    with pytest.raises(CommandError, match="handle nobody"):
        call_command("load_starter_rules", ciso="nobody", vendors="nobody")

    assert not ApprovalRule.objects.exists()
