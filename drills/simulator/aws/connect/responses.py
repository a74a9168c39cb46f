"""Requests to the simulated Connect: throttled, looked up in the table, performed, answered in the service's wire form.

What the table lacks falls to moto, which raises NotImplementedError for what it lacks too.
"""

from __future__ import annotations

from typing import Any

from moto.connect.models import connect_backends
from moto.connect.responses import ConnectResponse
from moto.core.exceptions import ServiceException

from drills.simulator.aws.extended import ExtendedResponse, ThrottlingException

from .backend import Backend
from .operations import OPERATIONS


class Response(ExtendedResponse, ConnectResponse):
    """moto's responses with the simulated operations before them."""

    @property
    def _backend(self) -> Backend:
        backend = connect_backends[self.current_account][self.region]
        if not isinstance(backend, Backend):
            raise TypeError("the simulated Connect was installed after moto's own was used")
        return backend

    def call_action(self) -> Any:
        """Answer one request; moto calls this."""
        name = self._get_action()
        if not name:
            return super().call_action()
        if not self._backend.buckets.take(name):
            return self._answer(ThrottlingException("Rate exceeded"))
        if name not in OPERATIONS:
            return super().call_action()
        try:
            return self._answer(OPERATIONS[name].perform(self._backend, self._asked(name, OPERATIONS[name].heeds)))
        except ServiceException as error:
            return self._answer(error)
