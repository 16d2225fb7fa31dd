"""What an event brings up to date beyond mails."""

import pytest

from catalog import services as catalog
from catalog.models import Identity
from exceptions_app.models import Wording
from tests.workflows.stage import AT
from workflows import effects
from workflows.models import Effect


@pytest.mark.parametrize("times", [1, 2])
def test_a_new_name_in_the_catalog_reaches_the_words_its_cases_are_found_by(committed, times):
    case = committed.requested()
    identity = Identity.objects.get(pk=case.identity_id)
    catalog.change_identity(identity=identity, version=identity.version, actor=None, at=AT, name="Kestrel")
    while effects.dispatch(at=AT):
        pass
    assert "kestrel" not in Wording.objects.get(case=case).words

    for _ in range(times):
        Effect.objects.filter(reaction="follow_names").update(state="pending", done_at=None, next_attempt_at=AT)
        Effect.objects.exclude(reaction="follow_names").delete()
        while effects.run_next(at=AT):
            pass

    assert "kestrel" in Wording.objects.get(case=case).words.split()
    assert Effect.objects.get().state == "done"
