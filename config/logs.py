"""Keeps out of the log what an address holds and nobody else may know."""

import logging
import re

SECRET = re.compile(r"(?i)(?<!/profile)(/calendar)\S+")
"""However it is spelt: what is refused is logged as it came."""


class WithoutSecrets(logging.Filter):
    """Django writes the path of whatever it refuses."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_masked(part) for part in record.args)
        return True


def _masked(part: object) -> object:
    return SECRET.sub(r"\1…", part) if isinstance(part, str) else part
