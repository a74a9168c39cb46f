"""Pulumi's configuration, and which of its keys the program asked for: what nobody asks for is refused.

Law: a key that nothing reads would be believed, and do nothing: a misspelling, or a key of another role's file.
"""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env

from stacks.settings import SettingsRefused, Source


class Asked:
    """A source of configuration that remembers what was asked of it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._keys: set[str] = set()

    def get(self, key: str) -> str | None:
        """The value of a key, or None."""
        self._keys.add(key)
        return self._source.get(key)

    def get_object(self, key: str) -> Any:
        """The value of a key that holds a table, or None."""
        self._keys.add(key)
        return self._source.get_object(key)

    def refuse_others(self, configured: set[str]) -> None:
        """Refuse the keys that were configured, and never asked for.

        Raises:
            SettingsRefused: with each of them.
        """
        others = sorted(configured - self._keys)
        if others:
            what = "nothing reads it in this role; is it misspelt, or another role's?"
            raise SettingsRefused([f"{key}: {what}" for key in others])


def configured() -> set[str]:
    """The keys of the project's own namespace that have a value, as Pulumi hands them to a program."""
    namespace = f"{pulumi.get_project()}:"
    return {key.removeprefix(namespace) for key in {**get_config_env(), **CONFIG.get()} if key.startswith(namespace)}
