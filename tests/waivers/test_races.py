"""Threads at once on a real PostgreSQL: a draft is claimed once, an entry becomes one draft."""

from functools import partial
from zoneinfo import ZoneInfo

import pytest

from audit.models import Event
from audit.verify import verify
from exceptions_app import services as register
from exceptions_app.models import ExceptionCase
from tests.exceptions_app.threads import answers, race, refusals
from tests.exceptions_app.world import DAY, World
from waivers import formats, services
from waivers.models import ImportRun, Source
from waivers.planning import Fate

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
THREADS, ROUNDS = 8, 5
UTC = ZoneInfo("UTC")


def snyk(number, expires="2026-12-31"):
    text = f"version: v1\nignore:\n  SNYK-{number}:\n    - '*': {{reason: Small, expires: {expires}}}\n"
    return [formats.read(f"{number}/.snyk", text.encode())]


def test_claiming_at_once_gives_the_draft_to_one(transactional_db):
    world = World()
    everyone = [world.person(f"Person {number}") for number in range(THREADS)]
    for number in range(ROUNDS):
        services.import_files(files=snyk(number), actor=None, at=world.start, zone=UTC)
        case = Source.objects.get(file=f"{number}/.snyk").case

        results = race([partial(register.claim, case=case, actor=person, at=world.start) for person in everyone])

        assert (len(answers(results)), len(refusals(results))) == (1, THREADS - 1)
        assert Event.objects.filter(kind="case.claimed", stream__name=case.stream).count() == 1
    assert not verify().differences


def test_importing_one_file_at_once_makes_each_draft_once(transactional_db):
    world = World()
    for number in range(ROUNDS):
        found = snyk(number)
        call = partial(services.import_files, files=found, actor=None, at=world.start, zone=UTC)

        results = race([call] * THREADS)

        assert ImportRun.objects.count() == ExceptionCase.objects.count() == number + 1
        assert sum(run is not None for _plan, run in answers(results)) == 1
    assert not verify().differences


def test_a_claim_against_a_second_import_loses_nothing(transactional_db):
    world = World()
    for number in range(ROUNDS):
        services.import_files(files=snyk(number), actor=None, at=world.start, zone=UTC)
        case = Source.objects.get(file=f"{number}/.snyk").case
        later = partial(
            services.import_files, files=snyk(number, "2027-01-31"), actor=None, at=world.start + DAY, zone=UTC
        )

        race([partial(register.claim, case=case, actor=world.alice, at=world.start), later])

        again, _run = services.import_files(
            files=snyk(number, "2027-01-31"), actor=None, at=world.start + DAY, zone=UTC
        )
        stands = ExceptionCase.objects.get(pk=case.pk)
        assert stands.requester == world.alice
        assert again.count(Fate.UPDATED) == 0
        assert (again.count(Fate.LEFT) == 1) == (str(stands.end_on) == "2026-12-31")
    assert not verify().differences
