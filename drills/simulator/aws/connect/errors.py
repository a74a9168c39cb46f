"""The service's own errors, named as in botocore's Connect model, from which moto takes the HTTP status."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class InvalidRequestException(ServiceException):
    """400: the request is not valid."""

    code = "InvalidRequestException"


class InvalidParameterException(ServiceException):
    """400: one or more of the parameters are not valid."""

    code = "InvalidParameterException"


class InvalidContactFlowException(ServiceException):
    """400: the flow is not valid; `problems` says why, one message each."""

    code = "InvalidContactFlowException"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("The flow is not valid: " + "; ".join(problems))
        self.problems = [{"message": problem} for problem in problems]


class InvalidContactFlowModuleException(ServiceException):
    """400: the flow module is not valid; `Problems` says why, one message each."""

    code = "InvalidContactFlowModuleException"

    def __init__(self, problems: list[str]) -> None:
        super().__init__("The flow module is not valid: " + "; ".join(problems))
        self.Problems = [{"message": problem} for problem in problems]


class ResourceNotFoundException(ServiceException):
    """404: the resource was not found, or not from this Region."""

    code = "ResourceNotFoundException"


class DuplicateResourceException(ServiceException):
    """409: a resource with this name exists."""

    code = "DuplicateResourceException"


class ResourceConflictException(ServiceException):
    """409: a resource already has that name."""

    code = "ResourceConflictException"


class ResourceInUseException(ServiceException):
    """409: an earlier operation on the resource is still under way."""

    code = "ResourceInUseException"


class ResourceNotReadyException(ServiceException):
    """409: the resource is not ready yet."""

    code = "ResourceNotReadyException"


class IdempotencyException(ServiceException):
    """409: the token was used for something else."""

    code = "IdempotencyException"
