"""Bringing files in and claiming drafts, as people do it in a browser without scripts."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from audit import clock
from exceptions_app import services as register
from exceptions_app.models import ExceptionCase, State
from tests.waivers.files import FILES, content
from waivers.models import ImportRun, Source, Upload

SNYK = b"""version: v1
ignore:
  SNYK-JS-A-1:
    - '*':
        reason: Not reachable
  SNYK-JS-B-2:
    - '*': {}
"""


def browser(person):
    client = Client()
    client.force_login(person)
    return client


def send(client, *files, place="acme/shop"):
    uploads = [SimpleUploadedFile(name, body) for name, body in files]
    return client.post(reverse("waivers_import"), {"place": place, "zone": "UTC", "uploads": uploads})


def bring(client, *files):
    shown = send(client, *(files or [(".snyk", SNYK)]))
    return client.post(shown.url, {"act": "import"}, follow=True)


def filled(world, **changes):
    return {
        "control": world.control.code,
        "identity": world.identity.slug,
        "system": world.system.name,
        "normal_path": "No release has the fix.",
        "justification": "The shop has to ship.",
        "safeguard_kind": "monitoring",
        "safeguard": "Alerts on use",
        "likelihood": "2",
        "impact": "3",
        "term_days": "30",
        "remediation_on": "2099-01-01",
        "exit_plan": "The next release has it.",
        "if_conditions_change": "Turn the feature off.",
        "act": "submit",
    } | changes


def test_files_are_shown_before_anything_comes_of_them(world):
    client = browser(world.alice)

    shown = client.get(send(client, (".snyk", SNYK), ("deny.toml", b"[advisories"), ("notes.txt", b"x")).url)

    page = shown.content.decode()
    assert "2 exceptions: 2 have no end" in page
    assert "Line 1:" in page
    assert "notes.txt" in page
    assert not ExceptionCase.objects.exists()
    assert ImportRun.objects.count() == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SNYK.replace(b"Not reachable", b"A guess"), "Somebody has claimed it: it stays."),
        (SNYK, "Somebody has claimed it: it stays."),
        (b"version: v1\nignore: {}\n", "1 entry that somebody else has claimed is no longer in the file"),
    ],
)
def test_the_preview_says_of_what_others_claimed_only_that_they_did(text, words, world):
    bring(browser(world.alice))
    case = Source.objects.get(key="SNYK-JS-A-1/*").case
    register.claim(case=case, actor=world.alice, at=clock.now())
    client = browser(world.mallory)

    page = client.get(send(client, (".snyk", text)).url).content.decode()

    assert words in page
    assert case.reference not in page
    assert "Not reachable" not in page


def test_the_preview_says_whose_drafts_would_change(world):
    bring(browser(world.petra))
    text = SNYK.replace(b"Not reachable", b"Another reason")

    mine, others = (
        client.get(send(client, (".snyk", text)).url).content.decode()
        for client in map(browser, (world.petra, world.mallory))
    )

    assert f"1 draft that {world.petra.name} imported would change." in others
    assert "imported would change" not in mine


def test_an_import_leads_to_what_it_did_and_forgets_the_upload(world):
    page = bring(browser(world.alice)).content.decode()

    assert "2 drafts are there to be claimed." in page
    assert "acme/shop/.snyk" in page
    assert ExceptionCase.objects.unclaimed().count() == 2
    assert not Upload.objects.exists()


def test_what_was_sent_can_be_discarded_and_is_nobody_elses(world):
    client = browser(world.alice)
    shown = send(client, (".snyk", SNYK))

    assert browser(world.mallory).get(shown.url).status_code == 404
    client.post(shown.url, {"act": "discard"})
    assert not Upload.objects.exists()
    assert not ExceptionCase.objects.exists()


def test_an_upload_without_place_or_files_says_so_beside_the_field(world):
    answer = browser(world.alice).post(reverse("waivers_import"), {"zone": "UTC"})

    assert answer.status_code == 200
    assert "Choose at least one file." in answer.content.decode()
    assert "This field is required" not in answer.content.decode()
    assert "Choose the files again" in answer.content.decode()


def test_every_format_can_be_sent_at_once(world):
    client = browser(world.alice)

    page = bring(client, *[(path.name, content(path.name)) for path in FILES]).content.decode()

    assert ExceptionCase.objects.unclaimed().count() == Source.objects.count() > 20
    assert "can be read in more than one way" in page


def test_the_list_is_filtered_and_counts_what_is_missing(world):
    client = browser(world.alice)
    bring(client)

    page = client.get(reverse("waivers"), {"missing": "reason"}).content.decode()

    assert "SNYK-JS-B-2" in page
    assert "SNYK-JS-A-1" not in page
    assert "1 exception: 1 has no end, 0 are past it, 1 gives no reason" in page


def test_rows_say_what_the_sentence_above_them_counts(world):
    client = browser(world.alice)
    bring(client, (".snyk", SNYK + b"  SNYK-JS-C-3:\n    - '*':\n        expires: 2099-01-01\n"))
    Source.objects.filter(key__contains="SNYK-JS-A-1").update(gives_reason=False)

    page = client.get(reverse("waivers")).content.decode()
    listed = client.get(reverse("waivers"), {"missing": "reason"}).content.decode()

    assert "3 give no reason (1 of them in a comment)" in page
    assert page.count("no reason") == 4
    assert page.count("no reason, only a comment") == 1
    assert page.count("end far away") == 1
    assert page.count("owner, control, identity</span>") == 3
    assert listed.count("owner, control, identity</span>") == 3


@pytest.mark.parametrize("choice", ["ref", "all"])
def test_chosen_drafts_are_claimed_filled_and_submitted_each_with_its_result(choice, world):
    bring(browser(world.petra))
    client = browser(world.alice)
    references = ExceptionCase.objects.values_list("reference", flat=True)
    query = "all=1" if choice == "all" else "&".join(f"ref={reference}" for reference in references)
    address = f"{reverse('waivers_claim')}?{query}"

    assert "Claim 2 drafts" in client.get(address).content.decode()
    page = client.post(address, filled(world)).content.decode()

    assert "2 submitted, 0 claimed" in page
    assert set(ExceptionCase.objects.values_list("state", "requester", "owner")) == {
        (State.REQUESTED, world.alice.pk, world.alice.pk)
    }
    assert set(ExceptionCase.objects.values_list("justification", flat=True)) == {
        "Not reachable",
        "The shop has to ship.",
    }


def test_what_is_incomplete_is_claimed_and_its_form_is_linked(world):
    bring(browser(world.petra))
    client = browser(world.alice)

    page = client.post(
        f"{reverse('waivers_claim')}?all=1", filled(world, justification="", exit_plan="")
    ).content.decode()

    assert "0 submitted, 2 claimed" in page
    assert "Say how this will end" in page
    assert "Say how this will end" in page
    assert "In the way" in page
    assert "<details" not in page.partition("Results</caption>")[2].partition("</table>")[0]
    for case in ExceptionCase.objects.all():
        assert (case.state, case.requester) == (State.DRAFT, world.alice)
        assert reverse("draft", args=[case.reference]) in page
        assert client.get(reverse("draft", args=[case.reference])).status_code == 200


def test_what_somebody_claimed_meanwhile_is_not_taken(world):
    bring(browser(world.petra))
    references = list(ExceptionCase.objects.values_list("reference", flat=True))
    address = f"{reverse('waivers_claim')}?ref={references[0]}"
    browser(world.olga).post(address, {"act": "claim"})

    page = browser(world.alice).post(address, filled(world)).content.decode()

    assert "No draft is chosen" in page
    assert ExceptionCase.objects.get(reference=references[0]).requester == world.olga


def test_nonsense_in_the_form_claims_nothing_and_keeps_the_text(world):
    bring(browser(world.petra))

    page = browser(world.alice).post(
        f"{reverse('waivers_claim')}?all=1", filled(world, term_days="-3", control="no such", exit_plan="Kept text")
    )

    assert "Kept text" in page.content.decode()
    assert "There is a problem" in page.content.decode()
    assert ExceptionCase.objects.unclaimed().count() == 2


def test_the_case_page_names_the_source_and_offers_to_claim(world):
    bring(browser(world.petra))
    case = ExceptionCase.objects.first()

    page = browser(world.mallory).get(reverse("case", args=[case.reference])).content.decode()

    assert "nobody answers for it yet" in page
    assert "acme/shop/.snyk" in page
    assert reverse("case_claim", args=[case.reference]) in page
    assert browser(world.mallory).get(reverse("case_claim", args=[case.reference])).url.endswith(case.reference)


def test_the_list_asks_the_database_no_more_for_many_than_for_few(world, django_assert_max_num_queries):
    client = browser(world.alice)
    bring(client)
    bring(client, *[(path.name, content(path.name)) for path in FILES])

    with django_assert_max_num_queries(11):
        client.get(reverse("waivers"))
