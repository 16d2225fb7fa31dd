import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import ApproverGroup
from catalog.models import Control, Tier
from catalog.starter import CONTROLS
from tests.factories import ApproverGroupFactory


def test_there_are_twenty_five():
    assert len({starter.code for starter in CONTROLS}) == 25
    assert len({starter.title for starter in CONTROLS}) == 25


@pytest.mark.parametrize("starter", CONTROLS, ids=lambda starter: starter.code)
def test_each_is_short_and_says_what_can_be_checked(starter):
    sentences = re.findall(r"[^.]+\.(?:\s|$)", starter.statement)

    assert re.fullmatch(r"NHI-[A-Z]{3}-\d\d", starter.code)
    assert 2 <= len(sentences) <= 3
    assert len(starter.title) <= 80
    assert starter.statement == " ".join(starter.statement.split())


def test_they_cover_every_severity_and_some_allow_no_exception():
    assert {starter.severity for starter in CONTROLS} == set(Tier)
    assert {starter.code for starter in CONTROLS if not starter.exceptions_allowed} == {"NHI-AGT-03", "NHI-SHR-01"}


def load(**options):
    out = StringIO()
    call_command("load_starter_controls", stdout=out, **options)
    return out.getvalue()


@pytest.mark.django_db
def test_the_command_loads_them_for_the_fallback_group_and_makes_it_if_need_be():
    assert load() == "25 controls created.\n"
    assert load() == "0 controls created.\n"

    fallback = ApproverGroup.objects.get()
    assert fallback.is_fallback
    assert set(Control.objects.values_list("approver_group", flat=True)) == {fallback.pk}


@pytest.mark.django_db
def test_the_command_loads_them_for_the_group_it_is_given():
    group = ApproverGroupFactory(slug="platform-security")

    load(group="platform-security")

    assert group.controls.count() == 25
    assert ApproverGroup.objects.fallback() is None


@pytest.mark.django_db
def test_the_command_refuses_a_group_it_does_not_know():
    with pytest.raises(CommandError, match="nowhere"):
        load(group="nowhere")

    assert not Control.objects.exists()
