"""Requests to the simulated WorkSpaces: throttled, looked up in the table, performed, answered in its wire form.

What the table lacks falls to moto, which raises NotImplementedError for what it lacks too; and so does, in an account
that nobody founded, what moto has.
"""

from __future__ import annotations

import warnings
from typing import Any

from moto.core.exceptions import ServiceException
from moto.workspaces.responses import WorkSpacesResponse

from drills.simulator.aws.accounts import is_founded
from drills.simulator.aws.extended import ExtendedResponse, ThrottlingException

from .backend import Backend, backends
from .operations import OPERATIONS


class Response(ExtendedResponse, WorkSpacesResponse):
    """moto's responses with the simulated operations before them."""

    @property
    def _backend(self) -> Backend:
        backend = backends[self.current_account][self.region]
        if not isinstance(backend, Backend):
            raise TypeError("the simulated WorkSpaces was installed after moto's own was used")
        return backend

    def call_action(self) -> Any:
        """Answer one request; moto calls this.

        Raises:
            NotImplementedError: nobody has rules for the operation, or for a parameter of it.
        """
        name = self._get_action()
        strict = is_founded(self.current_account)
        # The rate is an assumption of drills: it holds where they are.
        if name and strict and not self._backend.buckets.take(name):
            return self._throttled()
        operation = OPERATIONS.get(name)
        if operation is None or (operation.motos_elsewhere and not strict):
            return super().call_action()
        try:
            return self._answer(operation.perform(self._backend, self._asked(name, operation.heeds)))
        except ServiceException as error:
            return self._answer(error)

    def _throttled(self) -> Any:
        with warnings.catch_warnings():
            # moto warns of codes that the service's model lacks; this one is common to all services, and in few models.
            warnings.simplefilter("ignore", UserWarning)
            return self._answer(ThrottlingException("Rate exceeded"))
