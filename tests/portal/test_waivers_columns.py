"""A table sent to the waivers page: its columns are asked, proposed, remembered, changed; nothing written is lost."""

import io

import openpyxl
import pytest
from django.urls import reverse

from accounts.models import User
from exceptions_app.models import ExceptionCase
from tests.portal.test_waivers_pages import SNYK, browser, send
from waivers.models import ImportedFile, Source, Upload

CSV = b"""Ref,Rule,Scope,Why,Valid until,Asked by
FW-1,tcp/8443,10.4.0.0/16,Legacy agent,03/04/2026,Bo
FW-2,tcp/23,plant,,2027-01-31,
"""
OTHER = b"CVE;Host\nCVE-2026-1;web-1\n"


@pytest.fixture
def alice(world):
    return browser(world.alice)


def xlsx(*rows):
    book, stream = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(stream)
    return stream.getvalue()


def answers(page, **changes):
    """What the form of a page would send, with changes."""
    form = page.context["form"]
    return {bound.name: bound.value() for bound in form if bound.value()} | changes


def ticked(page, meaning):
    """The columns ticked for a meaning, in the order in which they would be sent."""
    bound = page.context["form"][meaning]
    return [option.choice_label for option in bound.subwidgets if option.data["selected"]]


def said(client, page, **changes):
    """Send the form of the columns and follow where it leads."""
    return client.post(page.request["PATH_INFO"], answers(page, **changes), follow=True)


def asked(client, *files, **options):
    return client.get(send(client, *(files or [("list.csv", CSV)]), **options).url)


def imported(client, page):
    return client.post(page.request["PATH_INFO"], {"act": "import"}, follow=True)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.csv", CSV),
        ("LIST.CSV", CSV),
        ("list.tsv", CSV.replace(b",", b"\t")),
        ("list.xlsx", xlsx(*[line.split(",") for line in CSV.decode().splitlines()])),
    ],
)
def test_a_table_is_asked_what_its_columns_mean_and_then_shown(name, content, alice):
    page = asked(alice, (name, content))

    assert f"acme/shop/{name}" in page.text
    assert "tcp/8443" in page.text
    assert "10.4.0.0/16" in page.text
    assert ticked(page, "key") == ["Ref"]
    assert ticked(page, "excepted") == ["Rule"]
    assert ticked(page, "ends") == ["Valid until"]
    assert ticked(page, "reason") == ["Why"]
    preview = said(alice, page, dates="month-first", facts=["5"])
    assert "2 exceptions: 0 have no end" in preview.text
    assert not ExceptionCase.objects.exists()

    imported(alice, preview)

    source = Source.objects.get(key="FW-1")
    assert (source.case.end_on.isoformat(), source.facts["Asked by"]) == ("2026-03-04", "Bo")


def test_an_upload_without_tables_goes_straight_to_the_preview(alice):
    assert send(alice, (".snyk", SNYK)).url == reverse("waivers_preview", args=[Upload.objects.get().pk])


def test_nothing_of_a_table_is_shown_or_imported_before_its_columns_are_said(alice):
    page = asked(alice, ("list.csv", CSV), (".snyk", SNYK))
    preview = reverse("waivers_preview", args=[Upload.objects.get().pk])

    assert alice.get(preview).url == page.request["PATH_INFO"]
    assert alice.post(preview, {"act": "import"}).url == page.request["PATH_INFO"]
    assert not ExceptionCase.objects.exists()


def test_what_is_missing_or_unknown_is_said_at_its_field_and_nothing_is_lost(alice):
    page = asked(alice)

    again = said(alice, page, key=[], excepted=["99"], verb="two words", dates="any", places=["2", "5"])

    form = again.context["form"]
    assert form.errors["key"] == ["Tick at least one column."]
    assert form.errors["excepted"] == ["There is no such column."]
    assert "one word" in form.errors["verb"][0]
    assert "dates" in form.errors
    assert ticked(again, "places") == ["Scope", "Asked by"]
    assert 'value="two words"' in again.text
    assert "There is a problem" in again.text
    assert "preview" in said(alice, again, key=["0"], excepted=["1"], verb="Allow", dates="").templates[0].name


def test_a_day_that_may_be_two_is_named_by_its_line_until_the_order_is_said(alice):
    preview = said(alice, asked(alice))

    assert "Line 2:" in preview.text
    assert "may be two different days" in preview.text
    assert "Change what the columns mean" in preview.text

    columns = alice.get(reverse("waivers_columns", args=[Upload.objects.get().pk, Upload.objects.get().files.get().pk]))
    preview = said(alice, columns, dates="day-first")

    assert "may be two different days" not in preview.text
    imported(alice, preview)
    assert Source.objects.get(key="FW-1").case.end_on.isoformat() == "2026-04-03"


def test_what_was_said_stands_there_when_one_comes_back_to_change_it(alice):
    page = asked(alice)
    said(alice, page, key=["1", "0"], verb="open-port", dates="day-first")

    again = alice.get(page.request["PATH_INFO"])

    assert ticked(again, "key") == ["Rule", "Ref"]
    assert answers(again)["verb"] == "open-port"
    assert "Leave as it is" in again.text
    said(alice, again, key=["0"])
    assert ticked(alice.get(page.request["PATH_INFO"]), "key") == ["Ref"]


def test_columns_are_remembered_for_the_same_file_and_for_the_same_header(alice, world):
    imported(alice, said(alice, asked(alice), key=["1", "0"], places=["5"], verb="open-port", dates="day-first"))

    for name, place in [("list.csv", "acme/shop"), ("new.csv", "elsewhere")]:
        page = asked(browser(world.bob), (name, CSV.replace(b"FW-1", b"FW-9")), place=place)

        assert (ticked(page, "key"), ticked(page, "places")) == (["Rule", "Ref"], ["Asked by"])
        assert (answers(page)["verb"], answers(page)["dates"]) == ("open-port", "day-first")


def test_the_second_import_by_the_same_columns_changes_nothing(alice):
    imported(alice, said(alice, asked(alice), key=["1", "0"], dates="day-first"))

    preview = said(alice, asked(alice))

    assert "Importing these would change nothing." in preview.text


def test_two_headers_are_asked_in_turn_and_the_same_one_once(alice):
    page = asked(alice, ("a.csv", CSV), ("b.csv", CSV), ("c.csv", OTHER))

    assert "acme/shop/b.csv" in page.text
    assert "Go on to the next table" in page.text
    page = said(alice, page, dates="day-first")
    assert "acme/shop/c.csv" in page.text
    assert (ticked(page, "key"), ticked(page, "excepted")) == (["CVE"], ["CVE"])
    preview = said(alice, page)

    assert "5 exceptions" in preview.text
    assert preview.text.count("Change what the columns mean") == 3


def test_a_file_that_is_no_table_is_refused_by_name_and_the_rest_goes_on(alice):
    broken = b"Ref,Rule\nFW-1,tcp/1,more\n"
    page = asked(alice, ("broken.csv", broken), ("empty.csv", b""), (".snyk", SNYK))

    assert "Line 2: This line has more cells than the header names." in page.text
    preview = said(alice, page)

    assert preview.text.count("Refused") == 2
    assert "its first line must name the columns" in preview.text
    imported(alice, preview)
    assert ExceptionCase.objects.count() == 2


def test_a_large_table_arrives_whole(alice):
    lines = b"".join(b"FW-%d,tcp/%d,plant,%s,,\n" % (number, number, b"x" * 900) for number in range(1500))

    preview = said(alice, asked(alice, ("list.csv", CSV.splitlines()[0] + b"\n" + lines)))

    assert len(lines) > 1024 * 1024
    assert "1500 exceptions" in preview.text


def test_names_no_form_could_carry_are_columns_like_others(alice):
    content = xlsx(["Ref\nnumber", "<b>Rule</b> & port", "Gültig bis"], ["1", "<i>tcp</i>", ""])

    page = asked(alice, ("list.xlsx", content))

    assert "<b>Rule</b>" not in page.text
    preview = said(alice, page, key=["0"], excepted=["1"], ends=["2"])
    imported(alice, preview)
    assert ImportedFile.objects.get().mapping["columns"]["key"] == ["Ref\nnumber"]


def test_the_import_says_how_its_columns_were_read(alice, world):
    run = imported(alice, said(alice, asked(alice), places=["2", "5"], dates="day-first", verb="open-port"))

    page = browser(world.person("Audrey", is_auditor=True)).get(run.request["PATH_INFO"]).text

    assert "How its columns were read" in page
    assert "Scope, Asked by" in page
    assert "3 April: the day comes first" in page
    assert "open-port" in page


def test_what_was_sent_can_be_discarded_here_too(alice):
    page = asked(alice)

    alice.post(reverse("waivers_preview", args=[Upload.objects.get().pk]), {**answers(page), "act": "discard"})

    assert not Upload.objects.exists()


def test_another_persons_table_does_not_exist(alice, world):
    page = asked(alice)

    for client in (browser(world.mallory), browser(world.petra)):
        assert client.get(page.request["PATH_INFO"]).status_code == 404
        assert client.post(page.request["PATH_INFO"], answers(page)).status_code == 404
    assert Upload.objects.get().files.get().needs_columns


def test_a_file_without_columns_and_one_of_another_upload_have_no_such_page(alice):
    asked(alice)
    send(alice, (".snyk", SNYK))
    first, second = Upload.objects.order_by("pk")

    assert alice.get(reverse("waivers_columns", args=[second.pk, second.files.get().pk])).status_code == 404
    assert alice.get(reverse("waivers_columns", args=[second.pk, first.files.get().pk])).status_code == 404


def test_an_auditor_is_refused(alice, world):
    page = asked(alice)
    User.objects.filter(pk=world.alice.pk).update(is_auditor=True)

    assert alice.get(page.request["PATH_INFO"]).status_code == 403
    assert alice.post(page.request["PATH_INFO"], answers(page)).status_code == 403
    assert Upload.objects.get().files.get().needs_columns
    assert send(alice, ("list.csv", CSV)).status_code == 403


def test_tables_can_be_asked_for_in_the_list(alice):
    imported(alice, said(alice, asked(alice), dates="day-first"))

    assert "FW-1" in alice.get(reverse("waivers"), {"format": "table", "q": "FW-1"}).text
