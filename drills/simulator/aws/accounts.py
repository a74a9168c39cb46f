"""Which accounts a simulated cloud has founded: there rules hold by which AWS is stricter, or slower, than moto.

Laws:
- In any other account those rules rest, and what passes with moto alone passes with the extension installed beside it
  (ADR 0016, `make test-moto`). All else of the extension is the same in every account.
- A cloud that has closed leaves nothing founded behind.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_founded: set[str] = set()


@contextmanager
def founded(account: str) -> Iterator[None]:
    """Let the strict rules hold in an account (its 12-digit id) while this lasts."""
    _founded.add(account)
    try:
        yield
    finally:
        _founded.discard(account)


def is_founded(account: str) -> bool:
    """Whether a simulated cloud has founded this account."""
    return account in _founded
