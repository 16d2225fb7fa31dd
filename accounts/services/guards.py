"""The refusals that the verbs on people, teams and groups share."""

from django.utils.translation import gettext_lazy as _

from accounts import rules
from accounts.errors import NotAllowed, NotPossible, Sentence
from accounts.models import User


def demand_governor(actor: User | None) -> None:
    """Raises NotAllowed unless the actor is a programme manager, a superuser or the system."""
    if actor is not None and not rules.may_govern_people(actor):
        raise NotAllowed(_("Only programme managers and superusers change people, teams and groups."))


def demand_superuser(actor: User | None, sentence: Sentence) -> None:
    if actor is not None and not rules.is_superuser(actor):
        raise NotAllowed(sentence)


def demand_other(actor: User | None, person: User, sentence: Sentence) -> None:
    """Raises NotAllowed when the actor is that person, administrators too (promise 4)."""
    if actor is not None and actor.pk == person.pk:
        raise NotAllowed(sentence)


def demand_active(person: User | None, field: str) -> None:
    """Raises NotPossible when somebody who has left would be named in the field."""
    if person is not None and not person.is_active:
        sentence = _("%(name)s is deactivated. Choose somebody who is active.") % {"name": person}
        raise NotPossible(sentence, fields={field: [sentence]})
