"""How a person signs in at another provider: the link between the two accounts, and its end."""

from datetime import datetime

from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import recording
from accounts.errors import NotAllowed, NotPossible
from accounts.models import User
from accounts.recording import Happening


@transaction.atomic
def link_sign_in(*, user: User, provider: str, uid: str, issuer: str, at: datetime) -> SocialAccount:
    """Remember by whom the issuer knows this person. The caller has verified that. Raises NotPossible."""
    user = recording.locked(user)
    if not user.is_active:
        raise NotPossible(_("This account is closed. Ask a programme manager if you need access again."))
    if SocialAccount.objects.filter(user=user, provider=provider).exists():
        raise NotPossible(
            _(
                "Your address belongs to an account that somebody else there signs in to. "
                "Sign in with your password and undo the link in your profile, or ask a programme manager."
            )
        )
    account = SocialAccount.objects.create(user=user, provider=provider, uid=uid)
    recording.tell(_happening(user, "user.sign_in_linked", at), {"person": user.pseudonym, "issuer": issuer})
    return account


@transaction.atomic
def unlink_sign_in(*, user: User, actor: User, at: datetime) -> None:
    """Forget by whom an issuer knows this person. Raises NotAllowed, NotPossible."""
    if actor.pk != user.pk or not actor.is_active:
        raise NotAllowed(_("How one signs in is changed by the person it describes."))
    user = recording.locked(user)
    linked = SocialAccount.objects.filter(user=user)
    if not linked.exists():
        raise NotPossible(_("Your account is linked to no other sign-in."))
    if not user.has_usable_password():
        raise NotPossible(
            _("You have no password yet. Set one by “I forgot my password” first, else you are locked out.")
        )
    linked.delete()
    recording.tell(_happening(user, "user.sign_in_unlinked", at), {"person": user.pseudonym})


@transaction.atomic
def sign_out_elsewhere(*, user: User, here: str | None) -> int:
    """End every session of one's own but the one with the key `here`; answers how many ended."""
    others = UserSession.objects.filter(user=user).exclude(session_key=here)
    keys = list(others.values_list("session_key", flat=True))
    ended, _kinds = Session.objects.filter(session_key__in=keys).delete()
    others.delete()
    return ended


def _happening(user: User, kind: str, at: datetime) -> Happening:
    return Happening(stream=user.stream, kind=kind, by=user, at=at)
