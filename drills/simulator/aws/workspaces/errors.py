"""The service's own errors, named as in botocore's WorkSpaces model; all are HTTP 400."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class InvalidParameterValuesException(ServiceException):
    """One or more parameter values are not valid."""

    code = "InvalidParameterValuesException"


class InvalidResourceStateException(ServiceException):
    """The state of the resource is not valid for this operation."""

    code = "InvalidResourceStateException"


class ResourceNotFoundException(ServiceException):
    """The resource could not be found; `ResourceId` names it."""

    code = "ResourceNotFoundException"

    def __init__(self, message: str, resource_id: str) -> None:
        super().__init__(message)
        self.ResourceId = resource_id


class ValidationException(ServiceException):
    """The input breaks a constraint of the model: one of the errors common to all of AWS's services."""

    code = "ValidationException"
