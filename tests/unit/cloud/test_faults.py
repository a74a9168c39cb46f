"""Every row of the retry classification, and what errors say."""

from __future__ import annotations

import pytest
from botocore import exceptions as aws
from botocore.parsers import ResponseParserError
from botocore.session import Session

from orchestrator.cloud import faults
from orchestrator.cloud.faults import sort_error
from orchestrator.model.errors import (
    AccessDenied,
    CloudError,
    Conflict,
    ExitCode,
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

URL = "https://connect.us-west-2.amazonaws.com"


def answer(code: str, status: int = 400, message: str = "said so", **more: object) -> aws.ClientError:
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return aws.ClientError(response, "Op")


def sorted_as(error: BaseException, service: str = "connect") -> FailoverError:
    return sort_error(error, service=service, operation="Op", region="us-west-2")


@pytest.mark.parametrize(
    ("error", "kind", "sent"),
    [
        (aws.EndpointConnectionError(endpoint_url=URL), RegionUnreachable, False),
        (aws.ConnectTimeoutError(endpoint_url=URL), RegionUnreachable, False),
        (aws.ProxyConnectionError(proxy_url=URL), RegionUnreachable, False),
        (ConnectionRefusedError(), RegionUnreachable, False),
        (aws.ReadTimeoutError(endpoint_url=URL), OutcomeUnknown, True),
        (aws.ConnectionClosedError(endpoint_url=URL), OutcomeUnknown, True),
        (aws.ResponseStreamingError(error="cut"), OutcomeUnknown, True),
        (aws.SSLError(endpoint_url=URL, error="EOF"), OutcomeUnknown, True),
        (aws.HTTPClientError(error="?"), OutcomeUnknown, True),
        (ConnectionResetError(), OutcomeUnknown, True),
        (ConnectionAbortedError(), OutcomeUnknown, True),
        (TimeoutError(), OutcomeUnknown, True),
        (ResponseParserError("no XML"), OutcomeUnknown, True),
        (aws.NoCredentialsError(), AccessDenied, False),
        (aws.PartialCredentialsError(provider="env", cred_var="key"), AccessDenied, False),
        (aws.CredentialRetrievalError(provider="process", error_msg="exit 1"), AccessDenied, False),
        (aws.TokenRetrievalError(provider="sso", error_msg="down"), AccessDenied, False),
        (aws.UnauthorizedSSOTokenError(), AccessDenied, False),
        (aws.ProfileNotFound(profile="gone"), AccessDenied, False),
        (aws.ParamValidationError(report="?"), Rejected, False),
        (aws.UnknownServiceError(service_name="x", known_service_names=["y"]), Rejected, False),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_botocore_and_the_network_raise(error: Exception, kind: type[CloudError], sent: bool) -> None:  # noqa: FBT001 - a table's column
    found = sorted_as(error)
    assert type(found) is kind
    assert isinstance(found, CloudError)
    assert (found.service, found.operation, found.region) == ("connect", "Op", "us-west-2")
    assert found.code == type(error).__name__
    assert found.sent is sent
    assert type(error).__name__ in str(found)


ROWS = [
    # step-types.md, rule 3 and the column "retryable / terminal" of its rows.
    ("connect", "ThrottlingException", 429, Throttled),
    ("connect", "TooManyRequestsException", 429, Throttled),
    ("connect", "InternalServiceException", 500, ServiceTrouble),
    ("connect", "ResourceConflictException", 409, Conflict),
    ("connect", "ResourceNotReadyException", 409, Conflict),
    ("connect", "ResourceInUseException", 409, Conflict),
    ("connect", "IdempotencyException", 409, Conflict),
    ("connect", "ConditionalOperationFailedException", 409, Conflict),
    ("connect", "InvalidRequestException", 400, Rejected),
    ("connect", "InvalidActiveRegionException", 400, Rejected),
    ("connect", "InvalidContactFlowException", 400, Rejected),
    ("connect", "DuplicateResourceException", 409, Rejected),
    ("connect", "LimitExceededException", 429, Rejected),
    ("connect", "ServiceQuotaExceededException", 402, Rejected),
    ("connect", "DestinationNotAllowedException", 403, Rejected),
    ("connect", "OutboundContactNotPermittedException", 403, Rejected),
    ("connect", "ResourceNotFoundException", 404, NotFound),
    ("connect", "AccessDeniedException", 403, AccessDenied),
    ("chime-sdk-voice", "ThrottledClientException", 429, Throttled),
    ("chime-sdk-voice", "ServiceUnavailableException", 503, ServiceTrouble),
    ("chime-sdk-voice", "ServiceFailureException", 500, ServiceTrouble),
    ("chime-sdk-voice", "ConflictException", 409, Conflict),
    ("chime-sdk-voice", "ForbiddenException", 403, AccessDenied),
    ("chime-sdk-voice", "UnauthorizedClientException", 401, AccessDenied),
    ("chime-sdk-voice", "BadRequestException", 400, Rejected),
    ("chime-sdk-voice", "ResourceLimitExceededException", 400, Rejected),
    ("appstream", "RequestLimitExceededException", 400, Throttled),
    ("appstream", "ConcurrentModificationException", 400, Conflict),
    ("appstream", "ResourceNotAvailableException", 400, Conflict),
    ("appstream", "LimitExceededException", 400, Rejected),
    ("workspaces", "OperationInProgressException", 400, Conflict),
    ("workspaces", "ResourceUnavailableException", 400, Conflict),
    ("workspaces", "UnsupportedWorkspaceConfigurationException", 400, Rejected),
    ("route53", "ThrottlingException", 400, Throttled),
    ("route53", "PriorRequestNotComplete", 400, Conflict),
    ("route53", "HealthCheckVersionMismatch", 409, Conflict),
    ("route53", "InvalidChangeBatch", 400, Rejected),
    ("route53", "NoSuchHostedZone", 404, NotFound),
    ("route53", "NoSuchHealthCheck", 404, NotFound),
    ("route53-recovery-cluster", "EndpointTemporarilyUnavailableException", 503, ServiceTrouble),
    ("route53-recovery-cluster", "ConflictException", 409, Conflict),
    ("route53-recovery-cluster", "ValidationException", 400, Rejected),
    ("dynamodb", "ConditionalCheckFailedException", 400, Overtaken),
    ("dynamodb", "ProvisionedThroughputExceededException", 400, Throttled),
    ("dynamodb", "RequestLimitExceeded", 400, Throttled),
    ("dynamodb", "LimitExceededException", 400, Throttled),
    ("dynamodb", "ReplicatedWriteConflictException", 400, Conflict),
    ("dynamodb", "TransactionConflictException", 400, Conflict),
    ("dynamodb", "ResourceNotFoundException", 400, NotFound),
    ("dynamodb", "InternalServerError", 500, ServiceTrouble),
    ("lambda", "TooManyRequestsException", 429, Throttled),
    ("lambda", "ResourceConflictException", 409, Conflict),
    ("lambda", "ServiceException", 500, ServiceTrouble),
    ("lexv2-models", "PreconditionFailedException", 412, Conflict),
    ("sns", "KMSThrottling", 400, Throttled),
    ("sns", "AuthorizationError", 403, AccessDenied),
    ("sns", "NotFound", 404, NotFound),
    ("sns", "KMSAccessDenied", 400, AccessDenied),
    ("sso-admin", "ConflictException", 409, Conflict),
    ("kms", "KMSInternalException", 500, ServiceTrouble),
    ("connectcampaignsv2", "InvalidCampaignStateException", 409, Conflict),
    ("sesv2", "TooManyRequestsException", 429, Throttled),
    ("sesv2", "MessageRejected", 400, Rejected),
    ("iam", "NoSuchEntity", 404, NotFound),
    ("iam", "LimitExceeded", 409, Rejected),
    ("stepfunctions", "ExecutionDoesNotExist", 400, NotFound),
    ("sts", "ExpiredTokenException", 400, AccessDenied),
    ("cloudwatch", "InternalServiceError", 500, ServiceTrouble),
]


@pytest.mark.parametrize(("service", "code", "status", "kind"), ROWS)
def test_each_row_of_the_classification(service: str, code: str, status: int, kind: type[CloudError]) -> None:
    modelled = {shape.metadata.get("error", {}).get("code") or shape.name for shape in shapes(service)}
    assert code in modelled, "the row names an error that botocore does not model for this service"
    found = sorted_as(answer(code, status), service)
    assert type(found) is kind
    assert code in str(found)


def shapes(service: str) -> list[object]:
    return list(Session().get_service_model(service).error_shapes)


UNMODELLED = [
    # Common errors of the query and S3 protocols, EC2, and outages.md: no service model lists them.
    ("ec2", "RequestLimitExceeded", 503, Throttled),
    ("s3", "SlowDown", 503, Throttled),
    ("cloudwatch", "Throttling", 400, Throttled),
    ("connect", "ServiceUnavailable", 503, ServiceTrouble),
    ("connect", "InternalFailure", 500, ServiceTrouble),
    ("connect", "NobodyKnowsThis", 500, ServiceTrouble),
    ("connect", "NobodyKnowsThis", 429, Throttled),
    ("connect", "NobodyKnowsThis", 409, Rejected),
    ("connect", "NobodyKnowsThis", 404, Rejected),
    ("s3", "404", 404, NotFound),
    ("s3", "NoSuchKey", 404, NotFound),
    ("s3", "PreconditionFailed", 412, Overtaken),
    ("s3", "ConditionalRequestConflict", 409, Conflict),
    ("s3", "403", 403, AccessDenied),
    ("ec2", "UnauthorizedOperation", 403, AccessDenied),
    ("ec2", "InvalidInstanceID.NotFound", 400, NotFound),
    ("sts", "AccessDenied", 403, AccessDenied),
    ("dynamodb", "UnrecognizedClientException", 400, AccessDenied),
    ("sts", "InvalidClientTokenId", 403, AccessDenied),
    ("sqs", "SignatureDoesNotMatch", 403, AccessDenied),
]


@pytest.mark.parametrize(("service", "code", "status", "kind"), UNMODELLED)
def test_codes_that_no_model_lists(service: str, code: str, status: int, kind: type[CloudError]) -> None:
    assert type(sorted_as(answer(code, status), service)) is kind


@pytest.mark.parametrize(
    ("reasons", "kind"),
    [
        (["None", "ConditionalCheckFailed"], Overtaken),
        (["TransactionConflict", "None"], Conflict),
        (["ThrottlingError"], Throttled),
        (["TransactionConflict", "ConditionalCheckFailed"], Overtaken),
        (["ValidationError"], Rejected),
        ([], Rejected),
    ],
)
def test_a_cancelled_transaction_is_sorted_by_its_gravest_reason(reasons: list[str], kind: type[CloudError]) -> None:
    error = answer("TransactionCanceledException", CancellationReasons=[{"Code": reason} for reason in reasons])
    assert type(sorted_as(error, "dynamodb")) is kind


def test_what_is_retryable_and_what_may_have_landed_follow_from_the_kind() -> None:
    kinds = {type(sorted_as(answer(code, status), service)) for service, code, status, _ in ROWS}
    kinds |= {RegionUnreachable, OutcomeUnknown}
    facts = {"service": "s", "operation": "o", "region": "r", "code": "c"}
    assert {k for k in kinds if k.retryable} == {RegionUnreachable, OutcomeUnknown, Throttled, ServiceTrouble, Conflict}
    assert {k for k in kinds if k("?", **facts).sent} == {OutcomeUnknown, ServiceTrouble}


def test_a_throttled_call_says_the_code() -> None:
    assert "throttled (ThrottlingException)" in str(sorted_as(answer("ThrottlingException", 429)))


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (answer("ExpiredTokenException"), "sign in again"),
        (aws.UnauthorizedSSOTokenError(), "sign in again"),
        (aws.NoCredentialsError(), "sign in again"),
        (answer("RequestTimeTooSkewed", 403), "clock"),
        (answer("AccessDeniedException", 403), "allow connect:Op to the recovery role"),
        (answer("ServiceQuotaExceededException", 402), "quota"),
        (answer("ConditionalCheckFailedException"), "who wrote it"),
        (answer("ResourceNotFoundException", 404), "inventory"),
        (answer("InvalidRequestException"), "trying again changes nothing"),
    ],
    ids=str,
)
def test_whoever_has_to_act_is_told_what_to_do(error: Exception, remedy: str) -> None:
    assert remedy in sorted_as(error).remedy


def test_an_operation_without_rules_is_not_simulated_and_no_outage() -> None:
    found = sorted_as(NotImplementedError("The start_workspaces action has not been implemented"), "workspaces")
    assert type(found) is NotSimulated
    assert found.exit_code is ExitCode.INCONCLUSIVE
    assert type(sorted_as(answer("404", 404, "Not yet implemented"))) is NotSimulated


def test_what_is_sorted_already_is_left_alone() -> None:
    known = NotSimulated("connect", "Op")
    assert sorted_as(known) is known


def test_a_mistake_of_our_own_is_called_so() -> None:
    found = sorted_as(KeyError("InstanceId"))
    assert type(found) is FailoverError
    assert found.exit_code is ExitCode.OUR_FAULT


def test_no_value_of_a_parameter_is_repeated() -> None:
    report = (
        'Missing required parameter in input: "InstanceId"\n'
        "Invalid type for parameter PhoneConfig.DeskPhoneNumber, value: 12065550100, type: <class 'int'>, valid types\n"
        'Unknown parameter in Tags: "Colour", must be one of: Key'
    )
    text = str(sorted_as(aws.ParamValidationError(report=report)))
    assert "InstanceId, PhoneConfig.DeskPhoneNumber, Colour" in text
    assert "12065550100" not in text


def test_phone_numbers_in_a_service_s_words_are_struck_out_and_long_words_are_cut() -> None:
    text = str(sorted_as(answer("InvalidParameterException", message="cannot dial +12065550100 " + "x" * 1000)))
    assert "+12065550100" not in text
    assert "cannot dial +…" in text
    assert len(text) < faults.MESSAGE_LIMIT + 100


def test_a_name_stands_once_in_the_tables() -> None:
    for table in (faults._EXCEPTIONS, faults._CODES, faults._REMEDIES):
        names = [name for names in table.values() for name in names.split()]
        assert len(names) == len(set(names))


def test_every_exception_named_is_one_that_exists() -> None:
    elsewhere = {"ResponseParserError", "gaierror"}
    named = {name for names in faults._EXCEPTIONS.values() for name in names.split()}
    known = set(vars(aws)) | {name for name in vars(__import__("builtins")) if name.endswith("Error")}
    assert named - known == elsewhere
