"""How a verb says no: three refusals, shared by every app above."""

from collections.abc import Mapping, Sequence

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model
from django.utils.functional import Promise

Sentence = str | Promise


class Refusal(Exception):
    """A verb was not carried out; `message` is a sentence its reader can act on."""

    def __init__(self, message: Sentence) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(Refusal):
    """This person may not do this: a page answers 403."""


class NotSure(NotAllowed):
    """This person may do it once they have proved anew who they are: a page offers that and keeps what was written."""


class NotPossible(Refusal):
    """Nobody can do this to the row as it stands; `fields` names the fields at fault, "" the whole."""

    def __init__(self, message: Sentence, *, fields: Mapping[str, Sequence[Sentence]] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})

    @classmethod
    def from_validation(cls, error: ValidationError) -> "NotPossible":
        """The same refusal, from what a model's validation found."""
        found = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
        fields = {"" if name == NON_FIELD_ERRORS else name: texts for name, texts in found.items()}
        sentences = [text for texts in fields.values() for text in texts]
        return cls(" ".join(sentences), fields=fields)


class Stale(Refusal):
    """Somebody else changed the row first: a page answers 409 and shows `current`, the row as it stands."""

    def __init__(self, message: Sentence, *, current: Model) -> None:
        super().__init__(message)
        self.current = current
