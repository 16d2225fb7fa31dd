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
    accept_identities,
    accept_identity,
    change_identity,
    create_identity,
    decline_identity,
    reinstate_identity,
    retire_identity,
)
from catalog.services.proposals import accept_proposal, decline_proposal
from catalog.services.systems import (
    change_system,
    create_system,
    reinstate_system,
    retire_system,
)
from catalog.services.vendors import change_vendor, create_vendor, reinstate_vendor, retire_vendor

__all__ = [
    "Outcome",
    "accept_identities",
    "accept_identity",
    "accept_proposal",
    "change_control",
    "change_identity",
    "change_system",
    "change_vendor",
    "create_control",
    "create_identity",
    "create_system",
    "create_vendor",
    "decline_identity",
    "decline_proposal",
    "import_catalog",
    "load_frameworks",
    "load_starter",
    "reinstate_control",
    "reinstate_identity",
    "reinstate_system",
    "reinstate_vendor",
    "retire_control",
    "retire_identity",
    "retire_system",
    "retire_vendor",
]
