"""Known shapes of secrets are masked in what somebody pastes; names, digests and ids stay."""

import time

import pytest

from intake import refusals, secrets_in

# Put together here, so that no scanner takes this file for a leak.
KEY_ID = "AKIA" + "QWERTYUIOPASDFGH"
AWS_SECRET = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYzzzzzzzzzz"
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0" + ".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
VAULT = "hvs" + ".CAESIJx0aLk9QWERTYuiopCAESIJ"
GITHUB = "ghp" + "_aB3dE5gH7jaB3dE5gH7jaB3dE5gH7jkL9mN1"
BODY = "MIIEpAIBAAKCAQEA7bq3\nq9XgL0n3I9PlFUP0THsR8UQ=="
PEM = f"-----BEGIN RSA PRIVATE {'KEY'}-----\n{BODY}\n-----END RSA PRIVATE {'KEY'}-----"


@pytest.mark.parametrize(
    ("text", "secret", "kind"),
    [
        (f"key {KEY_ID} is not valid", KEY_ID, "an AWS key"),
        ("ASIA" + KEY_ID[4:], "ASIA" + KEY_ID[4:], "an AWS key"),
        (f"aws_secret_access_key = {AWS_SECRET}", AWS_SECRET, "an AWS secret"),
        (f'{{"SecretAccessKey": "{AWS_SECRET}"}}', AWS_SECRET, "an AWS secret"),
        (f"AWS_SESSION_TOKEN={'FwoGZXIvYXdzE' * 5}", "FwoGZXIvYXdzE", "an AWS session token"),
        (f"token {VAULT} has no policy", VAULT, "a Vault token"),
        ("hvb" + VAULT[3:], VAULT[3:], "a Vault token"),
        ("VAULT_TOKEN=" + "s.Xy7Zk2Qm9Lp4Rt6Vw8Bn1Cd3", "Xy7Zk2Qm9Lp4Rt6Vw8Bn1Cd3", "a Vault token"),
        ("X-Vault-Token: 0f3a9d4e-1111", "0f3a9d4e-1111", "a Vault token"),
        (GITHUB, GITHUB, "a GitHub token"),
        ("gho" + GITHUB[3:], GITHUB[3:], "a GitHub token"),
        ("ghs" + GITHUB[3:], GITHUB[3:], "a GitHub token"),
        ("github" + "_pat_11ABCDEFG0abcdefghijkl_mnopqrstuv", "11ABCDEFG0", "a GitHub token"),
        ("glpat" + "-aB3dE5gH7jkL9mN1pQ2r.01.0w1x2y3", "aB3dE5gH7jkL9mN1pQ2r.01.0w1x2y3", "a GitLab token"),
        ("xoxb" + "-123456789012-abcdefABCDEF", "abcdefABCDEF", "a Slack token"),
        (f"curl -d token {JWT}", JWT, "a web token (JWT)"),
        (PEM, "MIIEpAIBAAKCAQEA7bq3", "a private key"),
        (PEM.replace("\n", "\\n"), "MIIEpAIBAAKCAQEA7bq3", "a private key"),
        (PEM.partition("\n-----END")[0] + "\nPermission denied", "q9XgL0n3I9PlFUP0THsR8UQ==", "a private key"),
        ('-H "Authorization: Bearer abcdef0123456789"', "abcdef0123456789", "credentials in a header"),
        ("Authorization: Basic ZGVwbG95OmdlaGVpbQ==", "ZGVwbG95OmdlaGVpbQ==", "credentials in a header"),
        ("PRIVATE-TOKEN: abcdef0123456789", "abcdef0123456789", "a token in a header"),
        ("https://h.example/x?user=a&password=geheim22&z=1", "geheim22", "a password or key"),
        ("user=a, passwd=geheim22, host=b", "geheim22", "a password or key"),
        ("Server=b;Pwd=gehe,im&22;Database=c", "gehe,im&22", "a password or key"),
        ("password = 'ge heim'", "ge heim", "a password or key"),
        ('{"db_password": "ge heim"}', "ge heim", "a password or key"),
        (r'"{\"password\":\"geheim22\"}"', "geheim22", "a password or key"),
        ("  password: geheim22\n", "geheim22", "a password or key"),
        (r'"user=a\npassword=geheim22\nhost=b"', "geheim22", "a password or key"),
        ("mysql --password geheim22", "geheim22", "a password or key"),
        ("https://deploy:geheim22@git.example/x.git", "geheim22", "a password in an address"),
        ("?sv=2022&sig=abcDEF123%2Babcabcabcabcabc%3D", "abcDEF123%2B", "the signature of an address"),
        ("AIza" + "SyA1234567890abcdefghijklmnopqrstuv", "SyA1234567890", "a Google key"),
    ],
)
def test_a_known_shape_is_masked_and_named(text, secret, kind):
    assert secret in text

    found = secrets_in.mask(text)

    assert secret not in found.text
    assert found.kinds == (kind,)
    assert secrets_in.mask(found.text) == secrets_in.Masked(found.text)


def test_only_the_secret_is_masked():
    assert secrets_in.mask("user=a&password=geheim22&z=1").text == "user=a&password=[masked]&z=1"
    assert secrets_in.mask(f"{PEM}\nPermission denied").text == "[masked]\nPermission denied"
    assert secrets_in.mask(f"Authorization: Bearer {JWT}, 403").text == "Authorization: Bearer [masked], 403"
    assert secrets_in.mask(r"password=geheim22\nhost=b").text == r"password=[masked]\nhost=b"


@pytest.mark.parametrize(
    "text",
    [
        "User: arn:aws:iam::1:user/erp is not authorized to perform: secretsmanager:GetSecretValue",
        "on resource: arn:aws:secretsmanager:eu-north-1:1:secret:prod/erp-AbCdEf because no policy allows it",
        "iam:UpdateAccessKey AROAQWERTYUIOPASDFGH AIDAQWERTYUIOPASDFGH",
        "Encoded authorization failure message: fqhg8CzmasrUP43_LGsSmLVAAoKKY1CzQD3yqWpWiuZGOcVf2lhbhrrgsH8zy44f",
        "image registry.example/erp@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 denied",
        "RequestId: 699479d4-2a01-4e9e-bf31-4ec5dc88677e; x-amz-id-2: AKIb64+Zm9vYmFyYmF6cXV4/Zm9vYmFyYmF6cXV4Zg==",
        "commit 2fd4e1c67a2d28fced849ee1bb76e7391b93eb12 of norrsken/track",
        "URL: GET https://vault.example.com:8200/v1/kv/data/prod/erp\nCode: 403. Errors:\n\n* permission denied",
        'password authentication failed for user "svc_erp" (database "erp")',
        "Invalid password: try again",
        "PWD=/home/runner/work",
        "system:serviceaccount:prod:erp-sync cannot list secrets",
        '"nextToken": "eyJ2IjoiMiIsImMiOiJhYmNkZWYifQ=="',
        'WWW-Authenticate: Bearer realm="https://h.example/token",service="registry"',
        "DB_PASSWORD=*** is set; PasswordReusePrevention: 24; GetPasswordData was refused",
        "glue-crawler-for-the-accounting-data",
        "https://h.example:8443/kv@2",
        '{"url":"https://h.example","type":"a","who":"b@h.example"}',
    ],
)
def test_an_ordinary_denial_is_left_as_it_is(text):
    assert secrets_in.mask(text) == secrets_in.Masked(text)


def test_what_was_masked_is_said():
    assert secrets_in.mask("nothing").said == ""
    assert secrets_in.mask(KEY_ID).said == "1 secret was masked: an AWS key."
    assert secrets_in.mask(f"{VAULT} {KEY_ID}").said == "2 secrets were masked: a Vault token, an AWS key."
    assert secrets_in.mask(f"{KEY_ID} {KEY_ID}").said == "2 secrets were masked: an AWS key."


def test_a_masked_refusal_is_still_read():
    text = f"X-Vault-Token: {VAULT}\nURL: GET https://vault.example/v1/kv/data/prod/erp\nCode: 403"

    assert refusals.read(secrets_in.mask(text).text) == refusals.read(text)


@pytest.mark.parametrize(
    "piece", ["-", "password=", "a:", "://a:", "&a", "-----BEGIN PRIVATE KEY-----", "eyJaaaaaaaa.", "a."]
)
def test_a_long_text_that_repeats_itself_is_masked_at_once(piece):
    before = time.process_time()

    secrets_in.mask(piece * (refusals.LONGEST // len(piece)))

    assert time.process_time() - before < 1
