"""Waiting for what other processes do: ask again until it is so, with time enough for a busy machine."""

import time

SECONDS = 180
PAUSE = 0.2


def eventually(look, what):
    """What `look` finds, once it finds something. Fails, with what `what` tells of the present, when it never does."""
    deadline = time.monotonic() + SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {SECONDS} s: {what() if callable(what) else what}"
        time.sleep(PAUSE)
    return found
