"""What the fields of a model are called where a reader sees them."""

from django.db.models import Field, Model
from django.utils.text import capfirst


def label_of(model: type[Model], name: str) -> str:
    """The name of a field, or of the rows that hang on it. Raises FieldDoesNotExist."""
    column = model._meta.get_field(name)
    if isinstance(column, Field):
        return capfirst(str(column.verbose_name))
    related = column.related_model
    return capfirst(str(related._meta.verbose_name_plural)) if isinstance(related, type) else name
