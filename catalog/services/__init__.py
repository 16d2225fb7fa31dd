"""Every change of the catalog. An `actor` of None is the system: the command line.

Each verb raises NotAllowed, NotPossible, and, where it takes a `version`, Stale.
"""

from catalog.services.controls import (
    change_control,
    create_control,
    load_starter,
    reinstate_control,
    retire_control,
)
from catalog.services.frameworks import Outcome, import_catalog, load_frameworks
from catalog.services.identities import (
    change_identity,
    create_identity,
    reinstate_identity,
    retire_identity,
)
from catalog.services.systems import (
    change_system,
    create_system,
    reinstate_system,
    retire_system,
)

__all__ = [
    "Outcome",
    "change_control",
    "change_identity",
    "change_system",
    "create_control",
    "create_identity",
    "create_system",
    "import_catalog",
    "load_frameworks",
    "load_starter",
    "reinstate_control",
    "reinstate_identity",
    "reinstate_system",
    "retire_control",
    "retire_identity",
    "retire_system",
]
