"""Tests of the tags the pages are made of."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone
from django.utils.html import strip_tags

from portal.navigation import PLACES
from portal.templatetags.fields import error_summary
from portal.templatetags.look import ACTORS, STATES

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def rendered(source, **context):
    loads = "{% load differences fields look times %}"
    return Template(loads + source).render(Context({"at": AT, **context})).strip()


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(minutes=59, seconds=59), "in 59 minutes"),
        (timedelta(hours=3) - timedelta(seconds=59), "in 3 hours"),
        (timedelta(hours=3) - timedelta(seconds=60), "in 2 hours"),
        (timedelta(hours=23, minutes=59), "in 23 hours"),
        (4 * DAY - timedelta(minutes=59), "in 4 days"),
        (4 * DAY - timedelta(hours=1), "in 3 days"),
        (99 * DAY, "in 99 days"),
        (100 * DAY, "in 3 months"),
        (729 * DAY, "in 24 months"),
        (3 * 365 * DAY, "in 3 years"),
        (1126 * DAY, "in 3 years and 1 month"),
        (-DAY, "1 day ago"),
    ],
)
def test_an_instant_is_spoken_rounded_down_unless_next_to_nothing_lacks(length, words):
    assert f">{words}</time>" in rendered("{% when it %}", it=AT + length)


def test_an_instant_carries_utc_and_the_readers_zone():
    with timezone.override("Europe/Stockholm"):
        html = rendered("{% when it %}", it=datetime(2026, 12, 4, 16, tzinfo=UTC))

    assert 'datetime="2026-12-04T16:00:00Z"' in html
    assert 'title="Friday 4 December 2026, 17:00 CET"' in html


def test_a_date_has_no_time():
    assert rendered("{% when it %}", it=date(2026, 12, 4)) == '<time datetime="2026-12-04">4 Dec 2026</time>'


def test_nothing_is_a_dash():
    assert rendered("{% when None %} {% digest None %} {{ None|duration }} {{ None|days }}") == "– – – –"


def test_time_left_is_coloured_only_in_the_warning_window():
    before = rendered("{% days_left start end warns %}", start=AT - 6 * DAY, end=AT + 4 * DAY, warns=AT + DAY)
    within = rendered("{% days_left start end warns %}", start=AT - 6 * DAY, end=AT + 4 * DAY, warns=AT)
    after = rendered("{% days_left start end warns %}", start=AT - 6 * DAY, end=AT, warns=AT - DAY)

    assert "tone-amber" not in before
    assert "4 days left" in before
    assert 'width="40"' in before
    assert "tone-amber" in within
    assert "tone-amber" not in after
    assert 'width="0"' in after


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(minutes=59), "59 minutes left"),
        (timedelta(hours=1, minutes=58), "1 h 58 min left"),
        (timedelta(hours=2), "2 hours left"),
        (timedelta(hours=5, minutes=59), "5 h 59 min left"),
        (timedelta(hours=6, minutes=30), "6 hours left"),
        (2 * DAY, "2 days left"),
    ],
)
def test_few_hours_are_told_with_their_minutes(length, words):
    assert f">{words}<" in rendered("{% days_left start end %}", start=AT - DAY, end=AT + length)


@pytest.mark.parametrize("name", STATES)
def test_a_state_has_hue_icon_and_word(name):
    html = rendered("{% state name %}", name=name)

    assert "tone-" in html
    assert "#" in html
    assert str(STATES[name][2]) in html


def test_a_closed_case_says_why_it_closed():
    assert "Closed, expired" in rendered('{% state "closed" "expired" %}')


def test_every_icon_named_is_drawn():
    drawn = {symbol.get("id") for symbol in ElementTree.parse(settings.BASE_DIR / "static/icons.svg").iter()}
    used = {icon for _, icon, _ in STATES.values()} | {icon for icon, _ in ACTORS.values()}

    assert used | {place.icon for _, places in PLACES for place in places} <= drawn


@pytest.mark.parametrize(
    ("now", "kinds"),
    [
        ("draft", "now ahead ahead ahead ahead ahead"),
        ("active", "done done done now ahead ahead"),
        ("closed", "done done done done done now"),
        ("rejected", "done done now"),
        ("revoked", "done done done done now"),
        ("suspended", "done done done done now ahead"),
    ],
)
def test_the_stepper_shows_what_is_behind_and_ahead(now, kinds):
    html = rendered("{% lifecycle now %}", now=now)

    assert [line.split('class="')[1].split()[0] for line in html.split("<li ")[1:]] == kinds.split()


def test_the_stepper_leaves_out_what_never_happened():
    html = rendered("{% lifecycle 'closed' reached %}", reached={"draft": AT, "requested": AT, "closed": AT})

    assert "Approved" not in html
    assert html.count("<li ") == 3


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (SimpleNamespace(name="Ada Byström", email="ada@example.com"), ">AB<"),
        (SimpleNamespace(name="", email="bo@example.com"), ">N"),
        ("clock", "The clock"),
        (None, "No one"),
    ],
)
def test_a_person_is_shown_by_initials_and_name(who, words):
    assert words in rendered("{% person who %}", who=who)


def test_a_name_is_text():
    assert "<script>" not in rendered("{% person who %}", who="<script>")


def test_a_refused_act_stays_and_says_why():
    html = rendered('{% act "Approve" why_not="You asked for this exception." %}')

    assert 'aria-disabled="true"' in html
    assert 'aria-describedby="why-approve"' in html
    assert "submit" not in html
    assert "You asked for this exception." in html


def test_sorting_turns_round_and_starts_at_the_first_page():
    request = RequestFactory().get("/", {"sort": "ends", "after": "abc", "q": "erp"})

    html = rendered('{% sort "ends" "Ends" %}', request=request)

    assert 'aria-sort="ascending"' in html
    assert 'href="?sort=-ends&amp;q=erp"' in html


def test_what_is_added_or_taken_away_replaces_nothing():
    assert rendered("{% diff before after %}", before="30 days", after="30 days more") == "30 days<ins> more</ins>"


def test_differences_are_marked_and_escaped():
    html = rendered("{% diff before after %}", before="reads <b> secrets", after="reads <b> keys")

    assert "<del>secrets</del>" in html
    assert "<ins>keys</ins>" in html
    assert " ".join(strip_tags(html).split()) == "reads &lt;b&gt; from secrets to keys"


class AskForm(forms.Form):
    title = forms.CharField(help_text="One line.")
    kind = forms.ChoiceField(choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    ticket = forms.CharField(required=False)


def test_a_wrong_field_is_tied_to_its_error_and_hint():
    html = rendered("{% field form.title %}", form=AskForm({}))

    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_error"' in html
    assert 'aria-invalid="true"' in html


def test_only_optional_fields_are_marked():
    html = rendered("{% fields form %}", form=AskForm())

    assert html.count("(optional)") == 1


def test_the_summary_links_to_each_wrong_field():
    form = AskForm({})
    form.add_error(None, "Too much.")

    errors = error_summary(form)["errors"]

    assert [error.get("href") for error in errors] == [None, "id_title", "id_kind_0"]


def test_an_unbound_form_has_no_summary():
    assert error_summary(AskForm()) == {"errors": []}
