"""What was pasted is read for who, what and where; what says nothing we know stays text."""

import json
import random

import pytest

from intake import refusals

AWS = (
    "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the GetObject operation: "
    "User: arn:aws:sts::123456789012:assumed-role/erp-sync/i-0abc is not authorized to perform: s3:GetObject "
    'on resource: "arn:aws:s3:::finance/2026/orders.csv" because no identity-based policy allows it'
)
VAULT = """Error reading kv/data/prod/erp: Error making API request.

URL: GET https://vault.example.com:8200/v1/kv/data/prod/erp
Code: 403. Errors:

* 1 error occurred:
	* permission denied
"""
KUBERNETES = (
    'Error from server (Forbidden): secrets is forbidden: User "system:serviceaccount:prod:erp-sync" cannot list '
    'resource "secrets" in API group "" in the namespace "prod"'
)
KYVERNO = """Error from server: error when creating "deploy.yaml":
admission webhook "validate.kyverno.svc-fail" denied the request:

resource Deployment/prod/erp was blocked due to the following policies

require-run-as-nonroot:
  autogen-run-as-non-root: 'validation error: Running as root is not allowed.'
"""
GATEKEEPER = (
    'Error from server (Forbidden): admission webhook "validation.gatekeeper.sh" denied the request: '
    "[repo-is-trusted] container <erp> has an invalid image repo"
)
AZURE = (
    "The client 'erp-sync' with object id '11111111-2222-3333-4444-555555555555' does not have authorization to "
    "perform action 'Microsoft.Storage/storageAccounts/read' over scope '/subscriptions/s1/resourceGroups/rg' or the "
    "scope is invalid."
)
GOOGLE = "erp-sync@norrsken.iam.gserviceaccount.com does not have storage.objects.get access to the object."
GOOGLE_ON = (
    "Permission 'secretmanager.versions.access' denied on resource 'projects/p1/secrets/erp' (or it may not exist)."
)
GIT = "remote: Permission to norrsken/erp.git denied to deploy-bot[bot].\nfatal: unable to access: 403"
CLOUDTRAIL = json.dumps(
    {
        "eventSource": "kms.amazonaws.com",
        "eventName": "Decrypt",
        "errorCode": "AccessDenied",
        "userIdentity": {"arn": "arn:aws:iam::1:user/erp"},
        "resources": [{"ARN": "arn:aws:kms:eu-north-1:1:key/k"}],
    }
)
AUDIT = json.dumps(
    {
        "kind": "Event",
        "verb": "get",
        "user": {"username": "system:serviceaccount:prod:erp"},
        "objectRef": {"resource": "secrets", "namespace": "prod", "name": "key"},
        "responseStatus": {"code": 403},
    }
)
VAULT_AUDIT = json.dumps(
    {
        "type": "response",
        "auth": {"display_name": "approle-erp", "entity_id": "e1"},
        "request": {"operation": "update", "path": "kv/data/prod/erp"},
        "error": "1 error occurred:\n\t* permission denied\n\n",
    }
)


@pytest.mark.parametrize(
    ("text", "source", "identity", "actions", "resource"),
    [
        (
            AWS,
            "AWS",
            "arn:aws:iam::123456789012:role/erp-sync",
            ("s3:GetObject",),
            "arn:aws:s3:::finance/2026/orders.csv",
        ),
        (VAULT, "Vault", None, ("read",), "kv/data/prod/erp"),
        (KUBERNETES, "Kubernetes", "system:serviceaccount:prod:erp-sync", ("list",), "prod/secrets"),
        (KYVERNO, "Kubernetes admission", None, ("deploy",), "deployment/prod/erp"),
        (GATEKEEPER, "Kubernetes admission", None, ("deploy",), ""),
        (AZURE, "Azure", "erp-sync", ("Microsoft.Storage/storageAccounts/read",), "subscriptions/s1/resourceGroups/rg"),
        (GOOGLE, "Google Cloud", "erp-sync@norrsken.iam.gserviceaccount.com", ("storage.objects.get",), ""),
        (GOOGLE_ON, "Google Cloud", None, ("secretmanager.versions.access",), "projects/p1/secrets/erp"),
        (GIT, "Git", "deploy-bot[bot]", ("push",), "norrsken/erp"),
        (CLOUDTRAIL, "AWS", "arn:aws:iam::1:user/erp", ("kms:Decrypt",), "arn:aws:kms:eu-north-1:1:key/k"),
        (AUDIT, "Kubernetes", "system:serviceaccount:prod:erp", ("get",), "prod/secrets/key"),
        (f"2026-11-21T02:00:00Z stdout F {VAULT_AUDIT}", "Vault", "approle-erp", ("update",), "kv/data/prod/erp"),
        ('ERROR:  permission denied for table "orders"', "PostgreSQL", None, ("select",), "orders"),
        ('FATAL:  password authentication failed for user "svc_erp"', "PostgreSQL", "svc_erp", ("connect",), ""),
        ("denied: permission_denied: write_package", "Package registry", None, ("write-package",), ""),
    ],
)
def test_a_refusal_is_read(text, source, identity, actions, resource):
    found = refusals.read(text)

    assert (found.source, found.actions, found.resource) == (source, actions, resource)
    assert (found.identities[0] if found.identities else None) == identity


def test_a_session_is_known_by_its_role_and_a_service_account_by_its_name():
    assert refusals.read(AWS).identities[-1] == "erp-sync"
    assert refusals.read(KUBERNETES).identities[-1] == "erp-sync"


def test_the_policy_that_said_no_is_named():
    assert refusals.read(KYVERNO).policy == "require-run-as-nonroot"
    assert refusals.read(GATEKEEPER).policy == "repo-is-trusted"


@pytest.mark.parametrize(
    "text", ["", "it does not work", "{", "{}", "[1]", '{"errorCode": 5}', "User: x", "\x00", "{" * 9999]
)
def test_what_says_nothing_we_know_is_no_refusal(text):
    assert refusals.read(text) is None


def test_spoilt_text_never_raises():
    chance = random.Random(3)
    for text in (AWS, VAULT, KUBERNETES, KYVERNO, AZURE, GOOGLE, GIT, CLOUDTRAIL, AUDIT, VAULT_AUDIT):
        for _round in range(60):
            place = chance.randrange(len(text))
            refusals.read(text[:place] + chance.choice(['"', "{", "null", "9" * 40, "\n", ""]) + text[place + 3 :])
