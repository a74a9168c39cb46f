"""What AWS, the network or botocore raised, sorted once into the one tree of errors.

Laws: sorting is tables, never the action's business; a request that may have landed is never called unsent; and what
is said names the code, but repeats no parameter's value (they may be personal, and errors are journalled).

The classification is ours, not botocore's: botocore takes Connect's `LimitExceededException` (a resource limit, final)
for throttling, and does not know that Chime, AppStream, ARC and Connect conflicts pass. Codes are those of botocore's
service models; what is not modelled (S3, EC2, signing) is from the services' common errors pages.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar

from orchestrator.model.errors import (
    AccessDenied,
    CloudError,
    Conflict,
    FailoverError,
    NotFound,
    NotSimulated,
    OutcomeUnknown,
    Overtaken,
    RegionUnreachable,
    Rejected,
    ServiceTrouble,
    Throttled,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

V = TypeVar("V")

_EXCEPTIONS: Final[Mapping[type[CloudError], str]] = {
    # Names, so that botocore need not be imported; the most specific name in an exception's ancestry decides.
    RegionUnreachable: """
        EndpointConnectionError ConnectTimeoutError ProxyConnectionError ConnectionError ConnectionRefusedError
        gaierror""",
    # A TLS session may break after the request went out as well as before; a checksum fails when the answer is there.
    OutcomeUnknown: """
        ReadTimeoutError ConnectionClosedError ResponseStreamingError IncompleteReadError HTTPClientError SSLError
        ResponseParserError ChecksumError FlexibleChecksumError PaginationError ConnectionResetError
        ConnectionAbortedError BrokenPipeError OSError""",
    AccessDenied: """
        NoCredentialsError PartialCredentialsError CredentialRetrievalError MetadataRetrievalError NoAuthTokenError
        TokenRetrievalError UnknownTokenProviderError UnknownCredentialError ProfileNotFound InfiniteLoopConfigError
        RefreshWithMFAUnsupportedError SSOError SSOTokenLoadError UnauthorizedSSOTokenError LoginError
        LoginRefreshRequired LoginTokenLoadError LoginInsufficientPermissions LoginAuthorizationCodeError""",
    # Whatever else botocore raises, it raised before sending: parameters, Regions, configuration.
    Rejected: "BotoCoreError",
}

_BY_SERVICE: Final[Mapping[tuple[str, str], type[CloudError]]] = {
    # "Up to 500 simultaneous table operations": passes by itself, unlike the same code elsewhere.
    ("dynamodb", "LimitExceededException"): Throttled,
    # Capacity that frees itself again.
    ("appstream", "ResourceNotAvailableException"): Conflict,
    ("workspaces", "ResourceUnavailableException"): Conflict,
    # Forbidden by an instance's settings, not by a policy.
    ("connect", "DestinationNotAllowedException"): Rejected,
    ("connect", "OutboundContactNotPermittedException"): Rejected,
}

_CODES: Final[Mapping[type[CloudError], str]] = {
    Throttled: """
        Throttling ThrottlingException Throttled ThrottledException ThrottledClientException ThrottlingError
        RequestThrottled RequestThrottledException TooManyRequestsException TooManyRequests RequestLimitExceeded
        RequestLimitExceededException ProvisionedThroughputExceededException BandwidthLimitExceeded SlowDown
        KMSThrottling KMSThrottlingException EC2ThrottledException""",
    Conflict: """
        Conflict ConflictException ResourceConflictException ResourceNotReadyException ResourceInUse
        ResourceInUseException ConcurrentAccess ConcurrentModification ConcurrentModificationException
        ConditionalOperationFailedException ConditionalRequestConflict IdempotencyException
        InvalidCampaignStateException OperationAborted OperationInProgress OperationInProgressException
        PreconditionFailedException PriorRequestNotComplete HealthCheckVersionMismatch ReplicatedWriteConflictException
        RetryableConflictException TransactionConflictException TransactionInProgressException
        EntityTemporarilyUnmodifiable CidrCollectionVersionMismatchException""",
    Overtaken: "ConditionalCheckFailedException PreconditionFailed",
    NotFound: "404",
    AccessDenied: """
        401 403 AccessDenied AccessDeniedException AuthFailure AuthorizationError AuthorizationErrorException
        ForbiddenException NotAuthorized OptInRequired RegionDisabledException KMSAccessDenied KMSAccessDeniedException
        UnauthorizedClientException UnauthorizedException UnauthorizedOperation
        ExpiredToken ExpiredTokenException RequestExpired InvalidAccessKeyId InvalidClientTokenId InvalidToken
        MissingAuthenticationToken MissingAuthenticationTokenException UnrecognizedClientException
        IncompleteSignature InvalidSignatureException RequestTimeTooSkewed SignatureDoesNotMatch""",
    ServiceTrouble: """
        InternalError InternalFailure InternalServerError InternalServerException InternalServiceError
        InternalServiceErrorException InternalServiceException KMSInternalException ServiceException ServiceFailure
        ServiceFailureException ServiceUnavailable ServiceUnavailableException EndpointTemporarilyUnavailableException
        RequestTimeout RequestTimeoutException""",
    # Final, although the status (402, 409, 429) or the name suggests otherwise.
    Rejected: "LimitExceeded LimitExceededException ServiceQuotaExceededException",
}

_ABSENT_ENDINGS: Final = ("NotFoundException", "NotFound", "DoesNotExist", "DoesNotExistException")
_ABSENT_BEGINNING: Final = "NoSuch"

_REASONS: Final[Mapping[str, type[CloudError]]] = {
    "ConditionalCheckFailed": Overtaken,
    "TransactionConflict": Conflict,
    "ThrottlingError": Throttled,
    "ProvisionedThroughputExceeded": Throttled,
}
"""Why DynamoDB cancelled a transaction, the gravest first."""

_REMEDIES: Final[Mapping[str, str]] = {
    # Code, where its remedy is not that of its kind.
    "sign in again, or use the break-glass profile, which needs no single sign-on": """
        401 ExpiredToken ExpiredTokenException RequestExpired InvalidAccessKeyId InvalidClientTokenId InvalidToken
        MissingAuthenticationToken MissingAuthenticationTokenException UnrecognizedClientException """
    + _EXCEPTIONS[AccessDenied],
    "check this machine's clock and the secret key: the signature does not fit": """
        IncompleteSignature InvalidSignatureException RequestTimeTooSkewed SignatureDoesNotMatch""",
    "free what is in use, or have the quota raised in that Region (days, not minutes)": _CODES[Rejected],
}

_SAYS: Final[Mapping[type[CloudError], str]] = {
    RegionUnreachable: "{service} in {region} cannot be reached ({code})",
    OutcomeUnknown: "{service}:{operation} in {region} was sent and not answered ({code}): it may have taken effect",
    Throttled: "{service}:{operation} in {region} was throttled ({code})",
    ServiceTrouble: "{service}:{operation} in {region} failed inside the service ({code})",
    Conflict: "{service}:{operation} in {region} met another change in progress ({code})",
    NotFound: "{service}:{operation} in {region} did not find the resource ({code})",
    AccessDenied: "{service}:{operation} in {region} was denied ({code})",
    Overtaken: "{service}:{operation} in {region} lost to a newer write ({code})",
    Rejected: "{service}:{operation} in {region} was rejected ({code})",
}
_REMEDY_OF_KIND: Final[Mapping[type[CloudError], str]] = {
    NotFound: "compare the inventory with what exists: failover inventory check",
    AccessDenied: "allow {service}:{operation} to the recovery role: failover policy prints what a runbook needs",
    Overtaken: "look at what is there now and who wrote it, then decide",
    Rejected: "correct what is asked for; trying again changes nothing",
}

MESSAGE_LIMIT: Final = 300
"""Characters of the service's own words that are kept."""

_NUMBER = re.compile(r"\+\d{7,15}\b")
_PARAMETER = re.compile(
    r'^(?:Missing required|Unknown|Invalid \w+ for) parameter (?:in \S+ )?"?([\w.\[\]-]+)', re.MULTILINE
)


def _turned(table: Mapping[V, str]) -> Mapping[str, V]:
    """Each name of a table's lists, and the list's heading."""
    return {name: heading for heading, names in table.items() for name in names.split()}


_BY_EXCEPTION: Final = _turned(_EXCEPTIONS)
_BY_CODE: Final = _turned(_CODES)
_BY_REMEDY: Final = _turned(_REMEDIES)


def sort_error(error: BaseException, *, service: str, operation: str, region: str) -> FailoverError:
    """The error of our tree that `error` means, for the call that met it.

    What is sorted already is returned as it is. What nobody knows is our own fault (`FailoverError`), not the cloud's.
    """
    if isinstance(error, FailoverError):
        return error
    if isinstance(error, NotImplementedError) or _unknown_to_moto(error):
        return NotSimulated(service, operation)
    response = getattr(error, "response", None)
    if isinstance(response, dict) and "Error" in response:
        code = str(response["Error"].get("Code", "Unknown"))
        kind = _kind_of_answer(service, code, response)
        words = str(response["Error"].get("Message", ""))
    else:
        code = type(error).__name__
        found = _kind_of_exception(error)
        if found is None:
            return FailoverError(f"{service}:{operation} in {region} broke in our own code: {code}")
        kind, words = found, _refused_parameters(error)
    return _worded(kind, code, words, service=service, operation=operation, region=region)


@cache
def raised_by_aws() -> tuple[type[BaseException], ...]:
    """What may come out of boto3 and mean AWS or the network; all else is a fault of ours, and is left alone."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - start-up: only callers of AWS load it
    from botocore.parsers import ResponseParserError  # noqa: PLC0415 - as above

    # NotImplementedError is what moto says where it has no rules.
    return (ClientError, BotoCoreError, ResponseParserError, OSError, NotImplementedError)


def outcome(error: FailoverError) -> str:
    """The code that a record of calls keeps of a failed one."""
    return error.code if isinstance(error, CloudError) else type(error).__name__


def quoted(words: str) -> str:
    """A service's own words as they may be journalled: no phone numbers, and no more than `MESSAGE_LIMIT` of them."""
    return _NUMBER.sub("+…", words).strip()[:MESSAGE_LIMIT]


def _kind_of_exception(error: BaseException) -> type[CloudError] | None:
    names = (ancestor.__name__ for ancestor in type(error).__mro__)
    return next((_BY_EXCEPTION[name] for name in names if name in _BY_EXCEPTION), None)


def _kind_of_answer(service: str, code: str, response: Mapping[str, Any]) -> type[CloudError]:
    """By the service's own row, the code, the code's shape, then the status; a 4xx that nobody knows is final."""
    if code == "TransactionCanceledException":
        return _kind_of_cancellation(response)
    known = _BY_SERVICE.get((service, code)) or _BY_CODE.get(code)
    if known:
        return known
    if code.endswith(_ABSENT_ENDINGS) or code.startswith(_ABSENT_BEGINNING):
        return NotFound
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    if status == 429:
        return Throttled
    return ServiceTrouble if status >= 500 else Rejected


def _kind_of_cancellation(response: Mapping[str, Any]) -> type[CloudError]:
    given = {str(reason.get("Code", "")) for reason in response.get("CancellationReasons", ())}
    return next((kind for reason, kind in _REASONS.items() if reason in given), Rejected)


def _unknown_to_moto(error: BaseException) -> bool:
    """Whether the simulator says that it has no rules (moto: for a whole service or path); AWS never says this."""
    response = getattr(error, "response", None) or {}
    answer = response.get("Error", {}) if isinstance(response, dict) else {}
    unknown = answer.get("Code") == "404" and answer.get("Message") == "Not yet implemented"
    return unknown or answer.get("Code") == NotSimulated.__name__


def _refused_parameters(error: BaseException) -> str:
    """The names, never the values, of the parameters that botocore refused."""
    if type(error).__name__ != "ParamValidationError":
        return ""
    names = dict.fromkeys(_PARAMETER.findall(str(error)))
    return "parameters: " + ", ".join(names) if names else ""


def _worded(kind: type[CloudError], code: str, words: str, *, service: str, operation: str, region: str) -> CloudError:
    facts = {"service": service, "operation": operation, "region": region, "code": code}
    what, said = _SAYS[kind].format_map(facts), quoted(words)
    return kind(f"{what}: {said}" if said else what, remedy=_remedy(kind, code, facts), **facts)


def _remedy(kind: type[CloudError], code: str, facts: Mapping[str, str]) -> str:
    if kind in (AccessDenied, Rejected) and code in _BY_REMEDY:
        return _BY_REMEDY[code]
    return _REMEDY_OF_KIND.get(kind, "").format_map(facts)
