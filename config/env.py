"""Reads Stopgap's settings from the environment, and refuses what cannot be right."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

from environs import Env, EnvError

from config.variables import VARIABLES, Variable

T = TypeVar("T")

BASE_DIR = Path(__file__).resolve().parent.parent


class Misconfigured(Exception):
    """A setting is missing or wrong; the message is one sentence that says how to mend it."""


@dataclass(frozen=True)
class Reader:
    """Reads variables of the table; a variable not in the table cannot be read."""

    env: Env
    local_run: bool = False

    def text(self, name: str) -> str:
        return self._read(name, self.env.str)

    def flag(self, name: str) -> bool:
        return self._read(name, self.env.bool)

    def number(self, name: str, *, least: int, most: int) -> int:
        value = self._read(name, self.env.int)
        if not least <= value <= most:
            raise self._wrong(VARIABLES[name])
        return value

    def names(self, name: str) -> list[str]:
        return [part.strip() for part in self.text(name).split(",") if part.strip()]

    def path(self, name: str) -> Path:
        return BASE_DIR / self.text(name)

    def parsed(self, name: str, parse: Callable[[str], T]) -> T:
        """The variable's text as `parse` understands it; whatever `parse` raises means the text is wrong."""
        try:
            return parse(self.text(name))
        except (ValueError, KeyError) as error:
            raise self._wrong(VARIABLES[name]) from error

    def is_set(self, name: str) -> bool:
        return bool(self._raw(name))

    def _read(self, name: str, parser: Callable[[str], T]) -> T:
        variable = VARIABLES[name]
        if not self.is_set(name):
            return cast("T", self._default(variable))
        try:
            return parser(name)
        except EnvError as error:
            raise self._wrong(variable) from error

    def _default(self, variable: Variable) -> str | int | bool:
        default = variable.local if self.local_run else variable.live
        if default is None:
            raise Misconfigured(
                f"{variable.name} is missing: set it to {variable.wants}, "
                "or set LOCAL_RUN=1 for a run on your own machine."
            )
        return default

    def _wrong(self, variable: Variable) -> Misconfigured:
        shown = "" if variable.secret else f", not {self._raw(variable.name)!r}"
        return Misconfigured(f"{variable.name} must be {variable.wants}{shown}.")

    def _raw(self, name: str) -> str:
        return self.env.str(name, "")


def reader() -> Reader:
    """A reader of this process's environment, and of a file `.env` at the top of the tree for what that leaves open."""
    env = Env()
    env.read_env(str(BASE_DIR / ".env"), recurse=False)
    return Reader(env=env, local_run=Reader(env=env).flag("LOCAL_RUN"))
