"""Requests to the simulated WorkSpaces: throttled, looked up in the table, performed, answered in its wire form."""

from __future__ import annotations

import warnings
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse

from .backend import Asked, Backend, backends
from .errors import ThrottlingException
from .operations import OPERATIONS, Operation


class Response(BaseResponse):
    """moto's front, with operations from our table and no others."""

    def __init__(self) -> None:
        super().__init__(service_name="workspaces")

    def call_action(self) -> Any:
        """Answer one request; moto calls this.

        Raises:
            NotImplementedError: nobody has rules for the operation, or for a parameter of it.
        """
        name = self._get_action()
        backend: Backend = backends[self.current_account][self.region]
        if name not in OPERATIONS:
            raise NotImplementedError(f"workspaces {name} is not simulated")
        if not backend.buckets.take(name):
            return self._throttled()
        try:
            return self._answer(OPERATIONS[name].perform(backend, self._asked(name, OPERATIONS[name])))
        except ServiceException as error:
            return self._answer(error)

    def _throttled(self) -> Any:
        with warnings.catch_warnings():
            # moto warns of codes that the service's model lacks; this one is common to all services, and in few models.
            warnings.simplefilter("ignore", UserWarning)
            return self._answer(ThrottlingException("Rate exceeded"))

    def _answer(self, result: object) -> Any:
        status, headers, body = self.serialized(ActionResult(result))
        headers, body = self._enrich_response(headers, body)
        return status, headers, body

    def _asked(self, name: str, operation: Operation) -> Asked:
        self.parse_parameters(self.normalized_request)
        asked: dict[str, Any] = {key: value for key, value in dict(self.params).items() if value is not None}
        unheeded = set(asked) - operation.heeds
        if unheeded:
            raise NotImplementedError(f"{name} with {', '.join(sorted(unheeded))} is not simulated")
        return asked
