"""Client tokens: a repeated request is answered as the first one was, and done once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from moto.core.exceptions import ServiceException


class Repeats:
    """The tokens seen by one account in one Region."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[dict[str, Any], dict[str, Any]]] = {}

    def once(
        self,
        operation: str,
        asked: Mapping[str, Any],
        perform: Callable[[], dict[str, Any]],
        refusal: type[ServiceException],
    ) -> dict[str, Any]:
        """Perform, or repeat the answer that this token's first request got.

        Raises:
            ServiceException: `refusal`, where the token came with other parameters before.
        """
        token = asked.get("ClientToken")
        if not token:
            return perform()
        key, request = (operation, token), dict(asked)
        if key in self._seen:
            first, answer = self._seen[key]
            if first != request:
                raise refusal("The ClientToken was used before with other parameters")
            return answer
        answer = perform()
        self._seen[key] = (request, answer)
        return answer
