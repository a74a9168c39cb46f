"""Requests to the simulated Chime SDK Voice: throttled, looked up in the table, performed, answered in wire form."""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import ServiceException

from drills.simulator.aws.accounts import is_founded
from drills.simulator.aws.extended import ExtendedResponse

from .backend import SERVICE, Backend, backends
from .errors import ThrottledClientException
from .operations import OPERATIONS


class Response(ExtendedResponse):
    """The simulated operations; what the table lacks nobody has rules for."""

    def __init__(self) -> None:
        super().__init__(service_name=SERVICE)

    @property
    def _backend(self) -> Backend:
        return backends[self.current_account][self.region]

    def call_action(self) -> Any:
        """Answer one request; moto calls this.

        Raises:
            NotImplementedError: nobody has rules for the operation, or for a parameter of it.
        """
        name = self._get_action()
        if name not in OPERATIONS:
            raise NotImplementedError(f"{SERVICE}: {name or self.path} is not simulated")
        # The rate is an assumption of drills: it holds where they are.
        if is_founded(self.current_account) and not self._backend.buckets.take(name):
            return self._answer(ThrottledClientException("Rate exceeded"))
        try:
            return self._answer(OPERATIONS[name].perform(self._backend, self._asked(name, OPERATIONS[name].heeds)))
        except ServiceException as error:
            return self._answer(error)
