"""What the services have in common that are extended from outside: how a request is read, and answered, without moto.

Law: a parameter that no rule heeds is refused aloud; to drop it would let a drill pass on what was never done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet


class ThrottlingException(ServiceException):
    """Too many requests: one of the errors common to all of AWS's services."""

    code = "ThrottlingException"


class ExtendedResponse(BaseResponse):
    """To be put before moto's own responses of a service."""

    def _answer(self, result: object) -> Any:
        status, headers, body = self.serialized(ActionResult(result))
        headers, body = self._enrich_response(headers, body)
        return status, headers, body

    def _asked(self, name: str, heeds: AbstractSet[str]) -> dict[str, Any]:
        self.parse_parameters(self.normalized_request)
        asked: dict[str, Any] = {key: value for key, value in dict(self.params).items() if value is not None}
        unheeded = set(asked) - heeds
        if unheeded:
            raise NotImplementedError(f"{name} with {', '.join(sorted(unheeded))} is not simulated")
        return asked
