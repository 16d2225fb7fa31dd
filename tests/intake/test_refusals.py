"""What was pasted is read for who, what and where; what says nothing we know stays text."""

import json
import random
import time

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
POSTGRES = "2026-11-21 02:10:11 UTC [881] svc-erp-sync@erp ERROR:  permission denied for table invoices"
POSTGRES_PREFIX = "user=svc,db=erp,app=psql,client=10.0.0.4 ERROR:  permission denied for table invoices\nSTATEMENT:  "
GCLOUD = (
    "ERROR: (gcloud.artifacts.docker.images.list) [deploy-bot@acme.iam.gserviceaccount.com] does not have permission "
    "to access projects instance [norrsken-releases] (or it may not exist): Permission "
    "'artifactregistry.repositories.downloadArtifacts' denied"
)
VAULT_BELOW = "* permission denied\n\nURL: GET https://vault.example/v1/kv/data/prod/erp"
VAULT_ABOVE = "URL: PUT https://vault.example/v1/kv/data/prod/erp\n* permission denied"
GITHUB = "HTTP 403: Resource not accessible by integration (https://api.github.com/repos/norrsken/track/releases)"
GITHUB_POST = "POST /repos/norrsken/track/releases - 403: Resource not accessible by integration"
KYVERNO_ONLY = (
    'admission webhook "validate.kyverno.svc-fail" denied the request: resource Pod/track/yard-gate was blocked '
    "due to the following policies require-run-as-nonroot"
)
AWS_KIND = "User: arn:aws:iam::1:user/erp is not authorized to perform: iam:{} on resource: {} because no policy allows"
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
        (
            KUBERNETES.replace("secrets is", 'deployments.apps "track-api" is').replace('"secrets"', '"deployments"'),
            "Kubernetes",
            "system:serviceaccount:prod:erp-sync",
            ("list",),
            "prod/deployments/track-api",
        ),
        (KYVERNO, "Kubernetes admission", None, ("create",), "deployment/prod/erp"),
        (GATEKEEPER, "Kubernetes admission", None, (), ""),
        (
            AZURE,
            "Azure",
            "erp-sync",
            ("Microsoft.Storage/storageAccounts/read",),
            "/subscriptions/s1/resourceGroups/rg",
        ),
        (GOOGLE, "Google Cloud", "erp-sync@norrsken.iam.gserviceaccount.com", ("storage.objects.get",), ""),
        (GOOGLE_ON, "Google Cloud", None, ("secretmanager.versions.access",), "projects/p1/secrets/erp"),
        (GIT, "Git", "deploy-bot[bot]", ("push",), "norrsken/erp"),
        (CLOUDTRAIL, "AWS", "arn:aws:iam::1:user/erp", ("kms:Decrypt",), "arn:aws:kms:eu-north-1:1:key/k"),
        (AUDIT, "Kubernetes", "system:serviceaccount:prod:erp", ("get",), "prod/secrets/key"),
        (f"2026-11-21T02:00:00Z stdout F {VAULT_AUDIT}", "Vault", "approle-erp", ("update",), "kv/data/prod/erp"),
        ('ERROR:  permission denied for table "orders"', "PostgreSQL", None, ("select",), "orders"),
        ('FATAL:  password authentication failed for user "svc_erp"', "PostgreSQL", "svc_erp", ("connect",), ""),
        (POSTGRES, "PostgreSQL", "svc-erp-sync", ("select",), "invoices"),
        (f"{POSTGRES_PREFIX}UPDATE invoices SET paid = true", "PostgreSQL", "svc", ("update",), "invoices"),
        (f"{POSTGRES_PREFIX}WITH old AS (SELECT 1)", "PostgreSQL", "svc", ("select",), "invoices"),
        ("ERROR:  permission denied for schema finance", "PostgreSQL", None, (), "finance"),
        (
            GCLOUD,
            "Google Cloud",
            "deploy-bot@acme.iam.gserviceaccount.com",
            ("artifactregistry.repositories.downloadArtifacts",),
            "norrsken-releases",
        ),
        (
            GCLOUD.partition(": Permission")[0],
            "Google Cloud",
            "deploy-bot@acme.iam.gserviceaccount.com",
            (),
            "norrsken-releases",
        ),
        (
            "Permission 'iam.serviceAccounts.create' denied on resource (or it may not exist).",
            "Google Cloud",
            None,
            ("iam.serviceAccounts.create",),
            "",
        ),
        ("permission denied 403 kv/data/prod/erp", "Vault", None, ("read",), "kv/data/prod/erp"),
        ("403 permission denied: kv/data/prod/erp", "Vault", None, ("read",), "kv/data/prod/erp"),
        (VAULT_BELOW, "Vault", None, ("read",), "kv/data/prod/erp"),
        (VAULT_ABOVE, "Vault", None, ("write",), "kv/data/prod/erp"),
        (GITHUB, "GitHub", None, (), "norrsken/track/releases"),
        (GITHUB_POST, "GitHub", None, ("write",), "norrsken/track/releases"),
        ("Resource not accessible by integration", "GitHub", None, (), ""),
        (
            "'Permission to norrsken/track.git denied to github-actions[bot].'",
            "Git",
            "github-actions[bot]",
            ("push",),
            "norrsken/track",
        ),
        (KYVERNO_ONLY, "Kubernetes admission", None, (), "pod/track/yard-gate"),
        (f"Error when patching: {KYVERNO_ONLY}", "Kubernetes admission", None, ("patch",), "pod/track/yard-gate"),
        (
            "$ ssh deploy-bot@track01\ndeploy-bot@track01: Permission denied (publickey).",
            "SSH",
            "deploy-bot",
            (),
            "track01",
        ),
        ("ssh deploy-bot@track01: Permission denied (publickey)", "SSH", "deploy-bot", (), "track01"),
        (
            AWS_KIND.format("DeleteUser", "user TrailDiscover"),
            "AWS",
            "arn:aws:iam::1:user/erp",
            ("iam:DeleteUser",),
            "user TrailDiscover",
        ),
        (
            AWS_KIND.format("GetInstanceProfile", "instance profile web"),
            "AWS",
            "arn:aws:iam::1:user/erp",
            ("iam:GetInstanceProfile",),
            "instance profile web",
        ),
        (
            AWS_KIND.format("CreateUser", "user "),
            "AWS",
            "arn:aws:iam::1:user/erp",
            ("iam:CreateUser",),
            "user",
        ),
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


def ec2_event(**parameters):
    sentence = (
        "You are not authorized to perform this operation. User: arn:aws:iam::1:user/erp is not authorized to "
        "perform: ec2:GetPasswordData on resource: arn:aws:ec2:eu-north-1:1:instance/* because no policy allows it"
    )
    event = {"eventSource": "ec2.amazonaws.com", "eventName": "GetPasswordData", "requestParameters": parameters}
    return json.dumps(event | {"errorCode": "Client.UnauthorizedOperation", "errorMessage": sentence})


def test_an_event_that_names_one_resource_opens_no_more_than_that():
    assert refusals.read(ec2_event(instanceId="i-0abc")).resource == "arn:aws:ec2:eu-north-1:1:instance/i-0abc"


@pytest.mark.parametrize("parameters", [{}, {"instanceId": 5}, {"instanceId": "*"}, {"imageId": "ami-1"}])
def test_a_wildcard_stays_where_no_resource_is_named(parameters):
    assert refusals.read(ec2_event(**parameters)).resource == "arn:aws:ec2:eu-north-1:1:instance/*"


@pytest.mark.parametrize(("text", "system"), [(POSTGRES, "erp"), (GITHUB, "github"), (VAULT_BELOW, "vault")])
def test_a_refusal_names_the_system(text, system):
    assert refusals.read(text).systems[0] == system


def test_ssh_names_the_host_as_a_system():
    assert refusals.read("deploy-bot@track01: Permission denied (publickey).").systems == ("track01", "ssh")


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
    texts = (AWS, VAULT, KUBERNETES, KYVERNO, AZURE, GOOGLE, GIT, CLOUDTRAIL, AUDIT, VAULT_AUDIT)
    for text in (*texts, POSTGRES, GCLOUD, VAULT_BELOW, GITHUB, ec2_event(instanceId="i-0abc")):
        for _round in range(60):
            place = chance.randrange(len(text))
            refusals.read(text[:place] + chance.choice(['"', "{", "null", "9" * 40, "\n", ""]) + text[place + 3 :])


@pytest.mark.parametrize(
    "piece", ["a", "a.", "a@", "a/", "permission denied ", "URL: GET https://a ", "/repos/a/b", "user "]
)
def test_a_long_text_that_repeats_itself_is_read_at_once(piece):
    before = time.process_time()

    refusals.read(piece * (refusals.LONGEST // len(piece)))

    assert time.process_time() - before < 1
