"""Keeps the figures of `make proof`, dated, in docs/proof.md."""

import datetime as dt
import fcntl
import re

import pytest

from config.env import BASE_DIR

PAGE = BASE_DIR / "docs" / "proof.md"
HEAD = """# Proof

What the long versions of the bars measured when they last ran. `make proof` writes this page; run on other machines
it gives other figures, and the tests behind them still decide. Speeds are in [benchmarks](benchmarks.md).

| figure | value | on |
|---|---|---|
"""
TODAY = dt.datetime.now(dt.UTC).date().isoformat()
"""When the run began: a test that records a figure may have moved the clock."""
ROW = re.compile(r"^\| (?P<name>[^|]+) \| (?P<value>[^|]+) \| (?P<on>\d{4}-\d{2}-\d{2}) \|$", re.MULTILINE)


@pytest.fixture
def proof_figure():
    """Call it with a figure's name and its value, unit included; a later run replaces the figure of the same name."""
    return record


def record(name, value, page=PAGE):
    with page.open("a+") as shared:
        fcntl.flock(shared, fcntl.LOCK_EX)  # several processes write it; closing lets the next one in
        shared.seek(0)
        rows = {row["name"]: (row["value"], row["on"]) for row in ROW.finditer(shared.read())}
        rows[name] = (str(value), TODAY)
        shared.truncate(0)
        shared.write(HEAD + "".join(f"| {each} | {value} | {on} |\n" for each, (value, on) in sorted(rows.items())))
