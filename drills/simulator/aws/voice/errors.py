"""The service's own errors, named as in botocore's Chime SDK Voice model, from which moto takes the HTTP status."""

from __future__ import annotations

from moto.core.exceptions import ServiceException


class BadRequestException(ServiceException):
    """400: the input parameters don't match the service's restrictions."""

    code = "BadRequestException"


class NotFoundException(ServiceException):
    """404: one or more of the resources in the request does not exist."""

    code = "NotFoundException"


class ConflictException(ServiceException):
    """409: another change of the resource is under way."""

    code = "ConflictException"


class ResourceLimitExceededException(ServiceException):
    """400: the request exceeds the resource limit."""

    code = "ResourceLimitExceededException"


class ServiceUnavailableException(ServiceException):
    """503: the service is currently unavailable."""

    code = "ServiceUnavailableException"


class ThrottledClientException(ServiceException):
    """429: the number of customer requests exceeds the request rate limit."""

    code = "ThrottledClientException"
