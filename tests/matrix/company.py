"""Who knocks, and at what: a person in each role, and a row of every kind an address can name."""

import re
from contextlib import contextmanager
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from zoneinfo import ZoneInfo

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from accounts import services as people
from accounts.models import SavedView, User
from catalog import services as catalog
from catalog.models import FrameworkItem
from exceptions_app import services
from exceptions_app.models import ExceptionCase, Trigger
from intake import services as imports
from tests.exceptions_app.world import DAY, World, fresh
from tests.factories import hashed_password
from waivers import formats
from waivers import services as waivers
from workflows import effects, rule_changes, rule_contents, rulebook
from workflows.models import ApprovalRule, Effect, Notice

ROLES = (
    "anonymous",
    "requester",
    "other requester",
    "approver",
    "auditor",
    "programme manager",
    "deactivated",
    "administrator",
)
WRITE = re.compile(r'(?!\s*\w+ (INTO |FROM )?"django_session")\s*(INSERT|UPDATE|DELETE|WITH|TRUNCATE)\b')
TOKEN = "t" * 32
ARGUMENT = re.compile(r"<\w+:(\w+)>|\(\?P<(\w+)>[^()]*\)")
ARGUMENTS = {
    "kind": "identities",
    "form": "csv",
    "app_label": "accounts",
    "url": "nowhere/",
    "uidb36": "1",
    "rest": "login/error/",
    "provider_id": "sso",
    "secret": "nobodys",
    "address": "5f0c5b1e-9b1c-4a51-9d6e-0d6f3ad7c0aa",
}
GOVERNED = ("accounts", "audit", "catalog", "exceptions_app", "waivers", "workflows", "mfa")


class Company(World):
    """Alice's cases in the states the addresses need; Mallory asks too, but not here."""

    def __init__(self):
        super().__init__(at=datetime.now(UTC) - 3 * DAY)
        self.team = people.create_team(name="Payments", actor=None, at=self.start)
        catalog.load_frameworks(actor=None, at=self.start)
        self.item = FrameworkItem.objects.select_related("framework").get(code="PR.AA-05")
        self.cases = {
            "draft": self.draft(),
            "requested": self.requested(identity=self.make_identity("asked")),
            "approved": self.approved(
                identity=self.make_identity("granted"), safeguards=[self.safeguard(required=True)]
            ),
            "active": self.active(identity=self.make_identity("used")),
            "looked_at": self.active(identity=self.make_identity("seen")),
            "suspended": self.suspended(identity=self.make_identity("paused")),
            "owed": self.revoked(identity=self.make_identity("gone")),
        }
        services.report_change(
            case=self.cases["looked_at"],
            actor=self.alice,
            at=self.start,
            trigger=Trigger.CODE_CHANGED,
            what="Release 5",
        )
        services.attach_file(
            case=self.cases["draft"],
            actor=self.alice,
            at=self.start,
            title="Log",
            upload=SimpleUploadedFile("log.txt", b"refused\n"),
        )
        self.vendor = catalog.create_vendor(name="Skanna", actor=self.petra, at=self.start)
        self.identity = catalog.change_identity(
            identity=self.identity, version=self.identity.version, actor=self.petra, at=self.start, owner=self.alice
        )
        self.control = catalog.change_control(
            control=self.control, version=1, actor=self.petra, at=self.start, why="The audit asks", term_cap_low=100
        )
        table = SimpleUploadedFile("identities.csv", b"name,kind,environment\nerp-sync,workload,staging\n")
        self.run = imports.upload(kind="identities", upload=table, actor=self.petra, at=self.start)
        text = b"version: v1\nignore:\n  SNYK-JS-A-1:\n    - '*': {reason: Unused}\n"
        found = [formats.read("shop/.snyk", text)]
        _plan, self.brought = waivers.import_files(files=found, actor=None, at=self.start, zone=ZoneInfo("UTC"))
        self.upload = waivers.keep_upload(
            files=[("api/.snyk", text)], place="api", zone=ZoneInfo("UTC"), actor=self.alice, at=self.start
        )
        self.table = waivers.keep_upload(
            files=[("api/fw.csv", b"Ref,Rule\n1,tcp/23\n")],
            place="api",
            zone=ZoneInfo("UTC"),
            actor=self.alice,
            at=self.start,
        )
        people.save_view(actor=self.alice, at=self.start, name="Ours", query="state=active", sharing="everybody")
        rulebook.load(rulebook.starter_rules(security="x", vendors="y")[:1], at=self.start)
        self.rule = ApprovalRule.objects.get()
        self.rule_change = rule_changes.propose_rule(
            rule=self.rule,
            content=rule_contents.RuleContent(
                {name: getattr(self.rule, name) for name in rule_contents.COLUMNS} | {"longer_than_days": 30},
                [rule_contents.StepContent(2, "Approver group", "control_group")],
            ),
            actor=self.petra,
            at=self.start,
            reason="The audit asks",
        )
        self.group_change = people.propose_group_change(
            group=self.group, add=[self.mallory], actor=self.petra, at=self.start
        )
        self.absence = people.announce_absence(
            user=self.alice,
            actor=self.alice,
            delegate=self.mallory,
            from_at=self.start,
            until_at=self.start + 20 * DAY,
            reason="Leave",
            at=self.start,
        )
        while effects.dispatch(at=self.start):
            pass
        self.told = Notice.objects.create(
            effect=Effect.objects.first(),
            person=self.alice,
            message_id="<told@example.org>",
            case=self.cases["active"],
            words="In force",
            told_at=self.start,
        )
        self.persons = self._persons()
        self.clients = {role: self._client(person) for role, person in self.persons.items()}
        self._cookies = {role: client.cookies.output(header="", sep=";") for role, client in self.clients.items()}
        self.before, self._written, self._paths = fingerprint(), False, {}

    def case(self, state):
        return ExceptionCase.objects.get(pk=self.cases[state].pk)

    def path(self, address, state):
        """The address with what it names filled in, which no knock changes for the next."""
        wanted = (address.route, state)
        if wanted not in self._paths:
            self._paths[wanted] = self._path(address, state)
        return self._paths[wanted]

    def _path(self, address, state):
        case = self.case(state)
        named = ARGUMENTS | {
            "reference": case.reference,
            "key": self._part(address.name, case),
            "code": self.item.code if address.name == "framework_item" else self.control.code,
            "slug": self._slug(address.name),
            "pk": self._row(address.name),
            "file": self.table.files.get().pk,
            "object_id": self._object(address.route),
            "content_type_id": ContentType.objects.get_for_model(User).pk,
        }
        return "/" + ARGUMENT.sub(lambda found: str(named[found[1] or found[2]]), address.route).replace(
            "^", ""
        ).replace("$", "")

    @contextmanager
    def watched(self):
        """Notes whether anything inside writes; sessions and attempts are nobody's record."""

        def note(execute, sql, params, many, context):
            self._written = self._written or bool(WRITE.match(sql))
            return execute(sql, params, many, context)

        with connection.execute_wrapper(note):
            yield

    def moved(self):
        """Names of the tables that differ from what they held when the company was made. Asked once."""
        written, self._written = self._written, False
        now = fingerprint() if written else {}
        return [table for table in now if now[table] != self.before[table]]

    def client(self, role):
        """The role's browser as it was after signing in, whatever an answer did to its cookies."""
        client = self.clients[role]
        client.cookies = SimpleCookie(self._cookies[role])
        return client

    def _part(self, name, case):
        parts = {"evidence": case.evidence, "removal": case.grants}
        rows = case.safeguards if name.startswith("safeguard_") else parts.get(name)
        row = rows.first() if rows is not None else None
        return row.pk if row else 0

    def _slug(self, name):
        kind = name.partition("_")[0]
        rows = {
            "identity": self.identity,
            "framework": self.item.framework,
            "approver": self.group,
            "rule": self.rule,
            "vendor": self.vendor,
        }
        return rows.get(kind, self.system).slug

    def _row(self, name):
        waivers = {"waivers_preview": self.upload, "waivers_columns": self.table, "waivers_run": self.brought}
        if name in waivers:
            return waivers[name].pk
        if name in {"rule_acceptance", "rule_refusal"}:
            return self.rule_change.pk
        if name in {"approver_group_acceptance", "approver_group_refusal"}:
            return self.group_change.pk
        rows = {"effect": Effect.objects.first(), "team": self.team, "approver": self.bob}
        rows["import"] = self.run
        rows["absence"] = self.absence
        rows["inbox"] = self.told
        rows["proposal"] = self.control.proposals.get()
        rows["register"] = SavedView.objects.first()
        return rows.get(name.partition("_")[0], self.mallory).pk

    def _object(self, route):
        """Key of a row of the model whose administration pages these are."""
        parts = route.split("/")
        model = apps.get_model(parts[1], parts[2]) if len(parts) > 3 and parts[1] in apps.app_configs else User
        row = model._default_manager.order_by("pk").first()
        return row.pk if row else 0

    def _persons(self):
        sue = self.person("Sue", is_staff=True)
        User.objects.filter(pk=sue.pk).update(is_superuser=True)
        everyone = [self.alice, self.mallory, self.bob, self.audrey, self.petra, self.person("Dora"), sue]
        User.objects.update(password=hashed_password())
        return dict(zip(ROLES, [None, *map(fresh, everyone)], strict=True))

    def _client(self, person):
        client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        if person is not None:
            client.force_login(person)
        if person is not None and person.name == "Dora":
            people.deactivate(user=person, actor=None, at=self.start)
        client.cookies["csrftoken"] = TOKEN
        return client


def fingerprint():
    """One value for all governed rows: it differs when any row does."""
    parts = " UNION ALL ".join(
        f"SELECT '{table}', count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t"
        for table in sorted(connection.introspection.table_names())
        if table.startswith(tuple(f"{app}_" for app in GOVERNED))
    )
    with connection.cursor() as cursor:
        cursor.execute(parts)
        return {name: (count, digest) for name, count, digest in cursor.fetchall()}
