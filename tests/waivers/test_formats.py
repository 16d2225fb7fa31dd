"""Each format is recognised and read: what is excepted, where, until when and why, with lines; the rest is named."""

import json
from datetime import UTC, date, datetime

import pytest

from tests.waivers.files import NAMES, content
from waivers import formats
from waivers.formats import ReasonFrom

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def read(name):
    return formats.read(name, content(name))


def told(findings):
    """Line, what is excepted and where, end and origin of the reason."""
    return [(w.line, w.excepted, w.places, w.ends, w.reason_from) for w in findings.waivers]


def problems(findings):
    return [(problem.line, problem.is_end) for problem in findings.problems]


def test_snyk_gives_an_entry_for_each_path_and_refuses_a_day_that_does_not_exist():
    findings = read("payments.snyk")

    assert told(findings) == [
        (
            5,
            ("SNYK-JS-LODASH-590103",),
            ("report > lodash",),
            datetime(2026, 12, 31, 10, tzinfo=UTC),
            ReasonFrom.FIELD,
        ),
        (
            13,
            ("npm:ejs:20161128",),
            ("ejs-locals > ejs",),
            datetime(2020, 3, 7, 10, 40, 13, 396000, UTC),
            ReasonFrom.NOWHERE,
        ),
    ]
    assert [(p.line, p.is_end) for p in findings.problems] == [(11, True)]
    assert "2026-02-30" in findings.problems[0].sentence
    assert [note.line for note in findings.notes] == [16]


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (["a", "a", "a"], ["a", "a#2", "a#3"]),
        (["a", "a", "a#2"], ["a", "a#2", "a#2#2"]),
        (["a#2", "a", "a"], ["a#2", "a", "a#3"]),
    ],
)
def test_entries_alike_are_numbered_until_no_other_is_called_so(names, keys):
    findings = formats.read("audit-ci.json", json.dumps({"allowlist": names}).encode())

    assert [waiver.key for waiver in findings.waivers] == keys


def test_osv_scanner_takes_the_comment_where_no_reason_is_given():
    first, second, package = read("osv-scanner.toml").waivers

    assert (first.line, first.ends, first.reason) == (
        3,
        datetime(2026, 10, 16, tzinfo=UTC),
        "The container ships the fixed toolchain later",
    )
    assert "not reachable" in first.comment
    assert (second.line, second.reason_from, second.reason) == (
        9,
        ReasonFrom.COMMENT,
        "tmp is pulled in by the linter alone",
    )
    assert (package.excepted, package.ends, package.verb) == (("npm/left-pad",), date(2026, 11, 9), "ignore-package")


def test_trivy_tells_lists_apart_and_names_what_it_cannot_read():
    findings = read(".trivyignore.yaml")

    assert [(w.line, w.verb, w.excepted[0], w.reason_from) for w in findings.waivers] == [
        (2, "ignore", "CVE-2026-40962", ReasonFrom.FIELD),
        (11, "ignore-misconfiguration", "KSV-0014", ReasonFrom.COMMENT),
        (15, "ignore-misconfiguration", "KSV-0017", ReasonFrom.COMMENT),
        (17, "ignore-misconfiguration", "DS-0002", ReasonFrom.OTHER_FIELD),
        (24, "ignore-secret", "pkcs12-file", ReasonFrom.NOWHERE),
    ]
    assert problems(findings) == [(6, True), (7, False)]
    assert "more than one way" in findings.problems[0].sentence
    assert findings.waivers[1].places == ("k8s/demo/web.yaml", "**/other.yaml")
    assert findings.waivers[2].comment == "Demo workloads on a throwaway cluster. privileged on purpose"
    assert findings.waivers[3].reason == "The image runs in the builder alone, never in production."


def test_nsprc_reads_milliseconds_and_leaves_what_is_switched_off():
    findings = read(".nsprc")

    assert told(findings) == [
        (2, ("GHSA-rc47-6667-2j5j",), (), datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC), ReasonFrom.FIELD),
        (4, ("1112030",), (), None, ReasonFrom.NOWHERE),
    ]
    assert problems(findings) == [(5, True)]
    assert "switched off" in findings.notes[0].sentence


def test_audit_ci_reads_texts_paths_and_entries_with_notes():
    findings = read("audit-ci.jsonc")

    assert told(findings) == [
        (6, ("GHSA-4g63-c64m-25w9",), (), None, ReasonFrom.COMMENT),
        (7, ("565",), ("react-scripts>webpack>ssri",), None, ReasonFrom.COMMENT),
        (8, ("GHSA-74fj-2j2h-c42q",), (), date(2026, 12, 1), ReasonFrom.FIELD),
    ]


def test_cargo_reads_texts_and_tables_and_names_the_rest_of_the_policy():
    findings = read("deny.toml")

    assert [(w.line, w.excepted[0], w.reason_from) for w in findings.waivers] == [
        (4, "RUSTSEC-2024-0437", ReasonFrom.COMMENT),
        (5, "RUSTSEC-2025-0134", ReasonFrom.FIELD),
        (6, "yanked@0.1.1", ReasonFrom.COMMENT),
    ]
    assert findings.waivers[2].reason_as_written == "TODO"
    assert [note.line for note in findings.notes] == [10]


def test_grype_shares_a_comment_among_neighbours_and_follows_one_that_runs_on():
    first, second, third, package = read(".grype.yaml").waivers

    assert first.comment == "Both await the base image. expires: 2026-08-19"
    assert first.ends is None  # grype has no end of its own: a comment ends nothing
    assert second.comment == "Both await the base image."
    assert third.comment == "capped at 2.6.3: the fix requires a newer Python"
    assert (package.excepted, package.places, package.reason_from) == (
        ("private-key",),
        ("/build/**",),
        ReasonFrom.FIELD,
    )


def test_kyverno_tolerates_and_names_helm_directives():
    findings = read("exception.yaml")
    first, second = findings.waivers

    assert findings.format == "kyverno-policyexception"
    assert first.excepted == ("disallow-host-path/host-path", "restrict-volume-types")
    assert first.title == 'kube-system/{{ include "agent.fullname" . }}-exceptions'
    assert first.places == ("DaemonSet named {{ .Release.Name }}* in kube-system",)
    assert (first.line, first.reason) == (3, "Node agents write to the host.")
    assert second.places == ("Deployment named chart-operator* in giants",)
    assert "5 Helm directives" in findings.notes[0].sentence


def test_uds_gives_an_entry_for_each_exemption():
    first, second = read("exemptions.yml").waivers

    assert (first.title, first.reason, first.places) == (
        "prometheus",
        "It mounts the node's logs.",
        ("pod ^prometheus-.* in monitoring",),
    )
    assert (second.line, second.reason_from) == (11, ReasonFrom.NOWHERE)


def test_azure_is_read_as_a_list_as_resources_and_as_terraform():
    listed, arm, terraform = read("policy.json"), read("template.json"), read("exemptions.tf")

    assert listed.waivers[0].ends == datetime(2027, 1, 31, tzinfo=UTC)
    assert listed.waivers[0].places == ("/subscriptions/1111/resourceGroups/logs", "/subscriptions/2222")
    assert problems(listed) == [(12, True)]
    assert [(w.title, w.excepted) for w in arm.waivers] == [("Old TLS", ("/assignments/tls",))]
    module, resource = terraform.waivers
    assert (module.line, module.ends, module.reason_from) == (2, date(2027, 8, 25), ReasonFrom.COMMENT)
    assert (resource.key, resource.reason) == (
        "resource.azurerm_resource_group_policy_exemption.erp",
        "The vendor's connector knows no newer TLS",
    )


@pytest.mark.parametrize("name", NAMES)
def test_keys_are_unique_and_outlive_lines_put_above(name):
    before = read(name)
    pushed = formats.read(name, b"\n\n" + content(name))

    keys = [waiver.key for waiver in before.waivers]
    assert len(keys) == len(set(keys)) > 0
    assert [waiver.key for waiver in pushed.waivers] == keys
    assert [waiver.line for waiver in pushed.waivers] == [waiver.line + 2 for waiver in before.waivers]


@pytest.mark.parametrize("name", ["exception.yaml", "exemptions.yml", "policy.json", "template.json", "exemptions.tf"])
def test_what_its_name_does_not_say_its_content_does(name):
    assert read(name).format


@pytest.mark.parametrize(
    ("name", "text"),
    [("deployment.yaml", "kind: Deployment"), ("package.json", "{}"), ("notes.txt", "x"), ("main.tf", "locals {}")],
)
def test_other_files_are_not_recognised_and_not_refused(name, text):
    findings = formats.read(name, text.encode())

    assert (findings.format, findings.refused, findings.waivers) == ("", False, [])


def test_a_day_lasts_until_it_is_over_and_an_instant_until_it_comes():
    day, instant = read(".trivyignore.yaml").waivers[0], read("payments.snyk").waivers[0]

    assert not day.is_past(datetime(2026, 8, 19, 23, 59, tzinfo=UTC), UTC)
    assert day.is_past(datetime(2026, 8, 20, tzinfo=UTC), UTC)
    assert not instant.is_past(datetime(2026, 12, 31, 9, 59, tzinfo=UTC), UTC)
    assert instant.is_past(datetime(2026, 12, 31, 10, tzinfo=UTC), UTC)
