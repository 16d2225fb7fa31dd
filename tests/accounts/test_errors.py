from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.errors import NotAllowed, NotPossible, Refusal, Stale
from accounts.models import Team


def test_a_refusal_speaks_when_it_is_read():
    refusal = NotAllowed(_("Only programme managers change the catalog."))

    assert isinstance(refusal, Refusal)
    assert str(refusal) == "Only programme managers change the catalog."


def test_stale_carries_the_row_as_it_stands():
    row = Team(name="Payments")

    assert Stale("Somebody else was first.", current=row).current is row


def test_validation_becomes_a_refusal_that_names_the_fields():
    error = ValidationError({"name": ["Too long."], "__all__": ["These two differ."]})

    refusal = NotPossible.from_validation(error)

    assert refusal.fields == {"name": ["Too long."], "": ["These two differ."]}
    assert str(refusal) == "Too long. These two differ."
    assert NotPossible.from_validation(ValidationError("No.")).fields == {"": ["No."]}
