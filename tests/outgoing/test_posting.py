"""A post goes to the address that was judged, once, and is held by nobody. Real servers on this machine."""

import itertools
import time

import pytest

import outgoing
from outgoing import Limits
from tests.outgoing.book import PUBLIC
from tests.plugins.outside import certificate_for, running_receiver, saying

SHORT = Limits(seconds=0.3)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


def post(url, **options):
    return outgoing.post(url, body=b"{}", headers={"Content-Type": "application/json"}, **options)


def refusal(url, **options):
    with pytest.raises(outgoing.NotPossible) as refused:
        post(url, **options)
    return str(refused.value)


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """A server under TLS called hooks.test, whose certificate this process trusts."""
    path = certificate_for("hooks.test", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with running_receiver(path) as running:
        yield running


@pytest.mark.smoke
def test_what_is_posted_arrives_whole_with_its_path_and_headers(receiver):
    answer = post(f"{receiver.url}/services/T0/B0?sig=a%2Fb#part")

    [posted] = receiver.posted
    assert (posted.path, posted.body) == ("/services/T0/B0?sig=a%2Fb", b"{}")
    assert posted.headers["Content-Type"] == "application/json"
    assert posted.headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert (answer.status, answer.is_taken) == (200, True)


def test_a_server_that_refuses_is_quoted_in_the_words_of_the_standard(receiver):
    receiver.status = 404

    answer = post(receiver.url)

    assert (answer.is_taken, answer.words) == (False, "404 Not Found")


def test_nothing_goes_to_this_machine_unless_it_is_allowed(receiver, settings):
    settings.OUTGOING_ALLOWED = []

    assert "not public" in refusal(receiver.url)
    assert receiver.posted == []


def test_tls_is_verified_against_the_name_though_the_address_is_pinned(names, settings, trusted):
    settings.OUTGOING_ALLOWED = ["127.0.0.0/8"]
    names.book |= {"hooks.test": [["127.0.0.1"]], "other.test": [["127.0.0.1"]]}

    assert post(f"https://hooks.test:{trusted.port}/").is_taken
    assert "no certificate for its name" in refusal(f"https://other.test:{trusted.port}/")
    assert trusted.asked_for == ["hooks.test", "other.test"]
    assert trusted.posted[0].headers["Host"] == f"hooks.test:{trusted.port}"
    assert len(trusted.posted) == 1


def test_a_certificate_of_nobody_we_trust_is_refused(names, settings, tmp_path):
    settings.OUTGOING_ALLOWED = ["hooks.test"]
    names.book["hooks.test"] = [["127.0.0.1"]]

    with running_receiver(certificate_for("hooks.test", tmp_path)) as untrusted:
        assert "no certificate" in refusal(f"https://hooks.test:{untrusted.port}/")

    assert untrusted.posted == []


def test_a_name_that_moves_after_it_was_judged_moves_nothing(names, settings, receiver):
    """DNS rebinding: the first answer is judged and used; nothing asks a second time."""
    settings.OUTGOING_ALLOWED = ["127.0.0.0/8"]
    names.book["rebind.test"] = [["127.0.0.2"], ["127.0.0.1"]]

    refusal(f"http://rebind.test:{receiver.port}/", limits=SHORT)

    assert names.asked.count("rebind.test") == 1
    assert receiver.posted == []


def test_a_name_that_turns_inward_is_refused_the_next_time(names, settings, receiver):
    settings.OUTGOING_ALLOWED = []
    names.book["rebind.test"] = [[PUBLIC], ["127.0.0.1"]]

    assert outgoing.check("https://rebind.test/") == "rebind.test"

    assert "not public" in refusal("https://rebind.test/")
    assert receiver.posted == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_whether_it_leads_inward_or_not(receiver, status):
    receiver.status, receiver.headers = status, {"Location": f"{receiver.url}/elsewhere"}

    said = refusal(f"{receiver.url}/secret")

    assert f"it has moved ({status})" in said
    assert "secret" not in said
    assert [posted.path for posted in receiver.posted] == ["/secret"]


def test_nothing_of_the_environment_is_used(receiver, monkeypatch, tmp_path):
    with running_receiver() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login alice password secret\n")
        monkeypatch.setenv("NETRC", str(netrc))

        post(receiver.url)

    assert proxy.posted == []
    assert "Authorization" not in receiver.posted[0].headers


def drip(start, piece=b"x"):
    return lambda: itertools.chain([start], itertools.repeat(piece))


@pytest.mark.parametrize("pieces", [list, drip(b""), drip(b"HTTP/1.1 200 OK\r\nX: "), drip(HEAD, b"X: y\r\n")])
def test_a_server_that_says_nothing_or_drips_holds_nobody_longer_than_the_limit(settings, pieces):
    settings.OUTGOING_ALLOWED = ["127.0.0.1"]
    with saying(pieces, pause=0.05 if pieces() else 2) as url:
        began = time.monotonic()

        said = refusal(url, limits=SHORT)

        assert time.monotonic() - began < 1
    assert said == "127.0.0.1 did not answer within 0.3 seconds."


def test_a_server_that_never_ends_its_handshake_holds_nobody(settings):
    settings.OUTGOING_ALLOWED = ["127.0.0.1"]
    with saying(drip(b"\x16\x03\x03\x40\x00")) as url:
        began = time.monotonic()

        refusal(url.replace("http:", "https:"), limits=SHORT)

        assert time.monotonic() - began < 1


@pytest.mark.parametrize("framing", [b"Connection: close\r\n\r\n", b"Content-Length: 900000\r\n\r\n"])
def test_what_follows_the_headers_holds_nobody(settings, framing):
    settings.OUTGOING_ALLOWED = ["127.0.0.1"]
    with saying(drip(HEAD + framing)) as url:
        began = time.monotonic()

        answer = post(url)

        assert time.monotonic() - began < 5
    assert answer.is_taken


def test_of_huge_headers_no_more_is_read_than_the_limit(settings):
    settings.OUTGOING_ALLOWED = ["127.0.0.1"]
    long = HEAD + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 1000) for n in range(70)) + b"\r\n"
    with saying(drip(long, b"")) as url:
        assert "did not answer as HTTP" in refusal(url)
        assert post(url, limits=Limits(bytes=100_000)).is_taken


def test_a_network_that_leads_nowhere_is_refused_in_words(settings):
    settings.OUTGOING_ALLOWED = ["0.0.0.0/8"]

    assert refusal("http://0.0.0.0:9/secret")


def test_headers_without_end_are_not_read_on(settings):
    settings.OUTGOING_ALLOWED = ["127.0.0.1"]
    with saying(drip(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), pause=0) as url:
        assert "could not be reached, or did not answer as HTTP" in refusal(url)


@pytest.mark.parametrize("said", [b"nonsense\r\n\r\n", b"\x00\xff" * 50, b"HTTP/1.1 abc\r\n\r\n"])
def test_what_is_not_http_is_said_to_be_none(settings, said):
    settings.OUTGOING_ALLOWED = ["127.0.0.1"]
    with saying(lambda: [said], pause=0) as url:
        assert "did not answer as HTTP" in refusal(url)


def test_a_port_where_nobody_listens_is_said_without_the_path(settings):
    settings.OUTGOING_ALLOWED = ["127.0.0.1"]

    assert refusal("http://127.0.0.1:9/secret") == "127.0.0.1 could not be reached, or did not answer as HTTP."
