"""The one table every benchmark prints into: Markdown, with whether a bar was met where there is one."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

What `python -m benchmarks --write` measured on {on:%Y-%m-%d}: {cores} cores, {machine}, PostgreSQL that does not wait
for its disk. How each is measured, and which bars they hold: [benchmarks/README.md](../benchmarks/README.md).
"""

failed: list[str] = []
"""What did not meet its bar in this run."""
_lines: list[str] = []


def begin(what: str, columns: Sequence[str]) -> None:
    """Start a table; figures stand to the right."""
    _say(f"\n| {what} | {' | '.join(columns)} | bar |\n|---|{'---:|' * len(columns)}---|")


def row(what: str, figures: Sequence[str], *, met: bool | None = None) -> None:
    """One line; `met` says whether its bar was met, None that it has none."""
    if met is False:
        failed.append(what)
    words = {True: "met", False: "**not met**", None: ""}
    _say(f"| {what} | {' | '.join(figures)} | {words[met]} |")


def write() -> None:
    """Put everything said into docs/benchmarks.md."""
    head = HEAD.format(on=datetime.now(UTC), cores=os.cpu_count(), machine=platform.machine())
    PAGE.write_text(head + "\n".join(_lines) + "\n")


def _say(line: str) -> None:
    _lines.append(line)
    print(line, flush=True)
