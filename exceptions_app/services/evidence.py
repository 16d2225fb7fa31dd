"""Evidence: a file whose type is sniffed and whose hash is kept, or a link."""

from __future__ import annotations

import codecs
import hashlib
import uuid
from datetime import datetime
from functools import partial
from typing import IO

import puremagic
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.validators import URLValidator
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import NotPossible
from accounts.models import User
from exceptions_app.models import Evidence, EvidencePurpose, ExceptionCase
from exceptions_app.services.acting import acting, demand
from exceptions_app.services.drafts import note_editor

ACTIONS = {
    EvidencePurpose.ASK: "edit",
    EvidencePurpose.VERIFICATION: "verify",
    EvidencePurpose.REMOVAL: "confirm_removal",
    EvidencePurpose.REVIEW: "review",
}
TYPES = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "application/zip": ".zip",
    "text/plain": ".txt",
}
TITLE = 160
MAX_BYTES = 10_000_000
_CHUNK = 1 << 16


def attach_link(
    *, case: ExceptionCase, actor: User, at: datetime, title: str, url: str, purpose: str = EvidencePurpose.ASK
) -> Evidence:
    """Add a link (http or https). Raises NotPossible for anything else."""
    title = demand(title, _("Give the evidence a title."))
    try:
        Evidence._meta.get_field("url").run_validators(url)
        URLValidator(schemes=["http", "https"])(url)
    except ValidationError as error:
        sentence = _("Give a full web address: https://…")
        raise NotPossible(sentence, fields={"url": [sentence]}) from error
    return _attach(Evidence(title=title[:TITLE], url=url, purpose=purpose), case, actor, at)


def attach_file(
    *,
    case: ExceptionCase,
    actor: User,
    at: datetime,
    title: str,
    upload: File[bytes],
    purpose: str = EvidencePurpose.ASK,
) -> Evidence:
    """Store a file under a server-made name. Raises NotPossible if it is empty, too large or of no accepted type.

    At most MAX_BYTES; accepted are PDF, PNG, JPEG, GIF, ZIP (Office files too) and UTF-8 text.
    """
    name = _name(upload)
    title = demand(title or name, _("Give the evidence a title."))
    size = upload.size or 0
    if not size:
        raise NotPossible(_("The file is empty."))
    if size > MAX_BYTES:
        limit = MAX_BYTES // 1_000_000
        raise NotPossible(_("The file is larger than %(limit)d MB.") % {"limit": limit})
    kind = _sniff(upload)
    evidence = Evidence(
        title=title[:TITLE],
        purpose=purpose,
        original_name=name,
        content_type=kind,
        size=size,
        sha256=_sha256(upload),
    )
    evidence.file.name = default_storage.save(f"evidence/{uuid.uuid4().hex}{TYPES[kind]}", upload)
    try:
        return _attach(evidence, case, actor, at)
    except Exception:
        default_storage.delete(evidence.file.name)
        raise


def stored_file(evidence: Evidence) -> File[bytes]:
    """The stored file, open at its start. Raises NotPossible if it is gone or not the one that was attached."""
    try:
        stored = evidence.file.open("rb")
    except FileNotFoundError:
        raise NotPossible(_("The stored file is gone. Tell a programme manager.")) from None
    if _sha256(stored) != evidence.sha256:
        stored.close()
        raise NotPossible(_("The stored file is not the one that was attached. Tell a programme manager."))
    return stored


def remove_evidence(*, evidence: Evidence, actor: User, at: datetime) -> None:
    """Take a file or link off a draft; its history stays. Raises NotPossible once it was asked with.

    The file goes after the commit, unless somebody was asked with it: what was judged can be read again.
    """
    with acting("edit", case=evidence.case, actor=actor, at=at) as (row, change):
        held = row.evidence.filter(pk=evidence.pk, purpose=EvidencePurpose.ASK).first()
        if held is None:
            raise NotPossible(_("This evidence was removed already."))
        row.version += 1
        note_editor(row, change)
        change.remove(held)
        change.event(row, "evidence.removed", title=held.title, url=held.url, sha256=held.sha256, size=held.size)
    if held.file.name and not row.routes.exists():
        transaction.on_commit(partial(discard_file, held.file.name))


def discard_file(name: str) -> None:
    """Delete the file, if there is one, unless a row still refers to it."""
    if name and not Evidence.objects.filter(file=name).exists():
        default_storage.delete(name)


def _name(upload: File[bytes]) -> str:
    """What the file was called, for people to read: no folders, nothing unprintable."""
    last = (upload.name or "").replace("\\", "/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[-255:]


def _attach(evidence: Evidence, case: ExceptionCase, actor: User, at: datetime) -> Evidence:
    action = ACTIONS[EvidencePurpose(evidence.purpose)]
    with acting(action, case=case, actor=actor, at=at) as (row, change):
        evidence.case, evidence.added_by, evidence.added_at = row, actor, at
        if action == "edit":
            row.version += 1
            note_editor(row, change)
        change.add(evidence)
        change.event(
            row, "evidence.added", title=evidence.title, url=evidence.url, sha256=evidence.sha256, size=evidence.size
        )
    return evidence


def _sniff(upload: IO[bytes] | File[bytes]) -> str:
    """The type by content, never by name; plain text is what decodes as UTF-8 without NUL bytes."""
    upload.seek(0)
    head = upload.read(4096)
    upload.seek(0)
    found = {match.mime_type for match in _signatures(head)}
    kind = next((mime for mime in TYPES if mime in found and mime != "text/plain"), None)
    if kind:
        return kind
    if _is_text(upload):
        return "text/plain"
    raise NotPossible(_("This type of file is not accepted. Attach a PDF, an image, a ZIP or plain text."))


def _signatures(head: bytes) -> list[puremagic.PureMagicWithConfidence]:
    try:
        return [match for match in puremagic.magic_string(head) if match.offset == 0]
    except puremagic.PureError:
        return []


def _is_text(upload: IO[bytes] | File[bytes]) -> bool:
    """Whether all of it is UTF-8 without NUL bytes: a text at the start may carry a program behind it."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := upload.read(_CHUNK):
            if b"\0" in chunk:
                return False
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        upload.seek(0)
    return True


def _sha256(upload: IO[bytes] | File[bytes]) -> str:
    digest = hashlib.sha256()
    upload.seek(0)
    while chunk := upload.read(_CHUNK):
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()
