"""Pages of a list. A token says after which item the next page begins, so items that come in meanwhile do no harm."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import InvalidParameterException

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from moto.core.exceptions import ServiceException

T = TypeVar("T")


def page(
    items: Sequence[T],
    asked: Mapping[str, Any],
    most: int,
    key: Callable[[T], str],
    refusal: type[ServiceException] = InvalidParameterException,
) -> tuple[Sequence[T], dict[str, str]]:
    """The items of the page that `asked` wants, and `{"NextToken": …}`, empty on the last page.

    Args:
        items: All of them, in a steady order.
        asked: The request: `MaxResults` and `NextToken` count.
        most: The most items on a page, and the number when `MaxResults` is absent.
        key: What identifies an item.
        refusal: The operation's error for a wrong size or token.
    """
    size = asked.get("MaxResults") or most
    if not 1 <= size <= most:
        raise refusal(f"MaxResults must be between 1 and {most}, not {size}")
    start = _start(items, asked.get("NextToken"), key, refusal)
    chosen = items[start : start + size]
    if start + size >= len(items):
        return chosen, {}
    return chosen, {"NextToken": base64.urlsafe_b64encode(key(chosen[-1]).encode()).decode()}


def _start(items: Sequence[T], token: str | None, key: Callable[[T], str], refusal: type[ServiceException]) -> int:
    if not token:
        return 0
    for index, item in enumerate(items):
        if base64.urlsafe_b64encode(key(item).encode()).decode() == token:
            return index + 1
    raise refusal("NextToken is not one that this operation gave")
