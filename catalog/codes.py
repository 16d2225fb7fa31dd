"""How codes of framework items are compared: "NHI-04" is written NHI4, "ac-2.1" AC-2(1), "PR.AA-5" PR.AA-05."""

import re

LONGEST_CODE, LONGEST_KEY = 60, 80
"""Characters of a code, and of the form in which codes are compared, that the columns hold."""
_PARTS = re.compile(r"[A-Z]+|\d+")


def key_of(code: str) -> str:
    """Letters and numbers of a code, numbers without leading zeros, joined by points; "" when it has none."""
    return ".".join(part.lstrip("0") or "0" if part.isdigit() else part for part in _PARTS.findall(code.upper()))
