"""When a person gets which mails."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import recording
from accounts.errors import NotAllowed, NotPossible
from accounts.models import ACTS, MailChoice, MailKind, MailWhen, User, times_of
from accounts.recording import Happening

ASKS = _("This mail asks you to act. It can wait for the morning, but not be switched off.")
WEEKLY = _("This mail comes on Mondays, or not at all.")


@transaction.atomic
def choose_mails(*, user: User, actor: User, choices: Mapping[str, str], at: datetime) -> None:
    """Choose for each kind named whether its mails come at once, once a day or not. Raises NotAllowed, NotPossible."""
    if actor.pk != user.pk or not actor.is_active:
        raise NotAllowed(_("Which mails one gets is chosen by the person who gets them."))
    user = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    chosen = {MailKind(kind): MailWhen(when) for kind, when in choices.items()}
    wrong = [kind for kind, when in chosen.items() if when not in times_of(kind)]
    if wrong:
        fields = {kind.value: [ASKS if kind in ACTS else WEEKLY] for kind in wrong}
        raise NotPossible(fields[wrong[0].value][0], fields=fields)
    before = dict(MailChoice.objects.filter(person=user).values_list("kind", "when"))
    changes = {
        kind.value: {"before": before.get(kind, MailWhen.AT_ONCE.value), "after": when.value}
        for kind, when in chosen.items()
        if before.get(kind, MailWhen.AT_ONCE.value) != when.value
    }
    if not changes:
        return
    for kind, change in changes.items():
        MailChoice.objects.update_or_create(person=user, kind=kind, defaults={"when": change["after"]})
    happening = Happening(stream=user.stream, kind="user.mails_chosen", by=actor, at=at)
    recording.tell(happening, {"person": user.pseudonym, "changes": changes})
