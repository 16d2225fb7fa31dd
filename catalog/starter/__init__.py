"""Twenty-five controls for non-human identities, to start from. The words are ours; change them to fit the house."""

from catalog.starter import keeping, rights, running
from catalog.starter.shape import StarterControl

__all__ = ["CONTROLS", "StarterControl"]

CONTROLS: tuple[StarterControl, ...] = (*keeping.CONTROLS, *rights.CONTROLS, *running.CONTROLS)
