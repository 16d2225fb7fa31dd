"""Which places may be reached: public addresses and the allow-list, and nothing dressed up as one."""

import socket
import threading
import time

import pytest

import outgoing
from outgoing.places import Allowed
from tests.outgoing.book import PUBLIC

INWARD = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.1.2.3",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "100.100.100.200",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "::ffff:0:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]


def refusal(url, **options):
    with pytest.raises(outgoing.NotPossible) as refused:
        outgoing.check(url, **options)
    return str(refused.value)


@pytest.mark.parametrize("address", INWARD)
def test_an_address_that_is_not_public_is_refused_as_such_and_behind_a_name(names, address):
    names.book["hooks.test"] = [[address]]
    literal = f"[{address}]" if ":" in address else address

    for url in (f"https://{literal}/x", "https://hooks.test/x"):
        assert "leads to an address that is not public" in refusal(url)


def test_a_public_address_may_be_reached(names):
    names.book["hooks.test"] = [[PUBLIC, "2606:4700::1111"]]

    assert outgoing.check("https://hooks.test/services/T0/B0/secret?x=1") == "hooks.test"
    assert outgoing.check(f"https://{PUBLIC}:443/") == PUBLIC


def test_one_inward_address_among_several_spoils_the_name(names):
    names.book["hooks.test"] = [[PUBLIC, "10.0.0.1"]]

    assert "not public" in refusal("https://hooks.test/x")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://hooks.test/x", "begins with https://"),
        ("https://hooks.test:8443/x", "only port 443"),
        ("https://user:secret@hooks.test/x", "Leave out the name and password"),
        ("https://hooks.test\\@10.0.0.1/x", "Leave out the name and password"),
        ("https://nowhere.test/x", "There is no host called nowhere.test"),
        *(
            (url, "not a complete web address")
            for url in (
                "",
                "hooks.test/x",
                "ftp://hooks.test/x",
                "file:///etc/passwd",
                "https:///x",
                "https://[::1/x",
                "https://2130706433/",
                "https://0177.0.0.1/",
                "https://127.1/",
                "https://0x7f000001/",
                "https://①②⑦.0.0.1/",
                "https://hooks.test/ secret",
                "https://hooks.test/\r\nX-Evil: 1",
                "https://hooks.test/ü",
                "https://hooks.test:99999/",
                "https://[fe80::1%25eth0]/",
                "https://hooks.test/" + "x" * 9000,
            )
        ),
    ],
)
def test_an_address_that_cannot_be_used_says_why_and_keeps_its_secret(names, url, sentence):
    names.book |= {"hooks.test": [[PUBLIC]], "0x7f000001": [["127.0.0.1"]]}

    said = refusal(url)

    assert sentence in said or "not public" in said
    assert "secret" not in said


def test_the_allow_list_opens_its_networks_and_hosts_to_any_port_and_to_plain_http(names, settings):
    names.book |= {"chat.test": [["10.9.9.9"]], "deep.corp.test": [["10.9.9.9"]], "inside.test": [["10.20.1.1"]]}
    settings.OUTGOING_ALLOWED = ["10.20.0.0/16", "chat.test", "*.corp.test"]

    for url in ("http://inside.test:8080/", "http://10.20.0.1/", "http://chat.test:81/", "https://deep.corp.test/"):
        assert outgoing.check(url)
    for host in ("10.21.0.1", "corp.test", "evilchat.test", "deep.corp.test.evil.test"):
        names.book[host] = [["10.9.9.9"]]
        assert "not public" in refusal(f"https://{host}/")


def test_plain_http_is_refused_where_only_some_of_the_addresses_are_allowed(names, settings):
    names.book["half.test"] = [["10.20.1.1", PUBLIC]]
    settings.OUTGOING_ALLOWED = ["10.20.0.0/16"]

    assert "begins with https://" in refusal("http://half.test/")


@pytest.mark.parametrize(
    "entry", ["10.20.0.1/16", "10.20", "a b", "https://x", "x:80", "*", "*.", "64:ff9b::/96", "é.test", "-", "x/8"]
)
def test_an_entry_that_means_nothing_is_refused_at_the_start(entry):
    with pytest.raises(ValueError):  # noqa: PT011 - what the settings' reader answers
        Allowed.of([entry])


def test_a_look_up_that_hangs_is_given_up(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked: over.wait(5) and [])
    began = time.monotonic()

    said = refusal("https://hooks.test/", seconds=0.1)

    over.set()
    assert said == "The name hooks.test could not be looked up in time."
    assert time.monotonic() - began < 2
