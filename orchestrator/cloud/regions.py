"""Where each AWS endpoint lives: its host, and its home, the Region whose loss takes it away.

Laws: nothing needs the dead Region, so a service without a row here is refused, not guessed. Hosts are those that
botocore's endpoint rules give (tests compare every row); homes of control planes are those of the AWS whitepaper
"Fault Isolation Boundaries", global services and appendices A and B. The `aws` partition only: Amazon Connect Global
Resiliency, Route 53's and IAM's homes differ in the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from orchestrator.model.errors import InvalidInput
from orchestrator.model.parameters import is_region

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orchestrator.model.actions import Call

DNS: Final = "dns"
"""The service name of DNS queries: a data plane that is anycast from everywhere, so no Region takes it away."""

_EAST, _WEST = "us-east-1", "us-west-2"

_CONTROL_PLANE = "this control plane runs in {home} only, whatever Region the call names; its data plane keeps working"
_ROUTE53 = (
    "Route 53's control plane runs in us-east-1 only, while DNS answers and health checks keep working. Accelerated "
    "recovery, opted into beforehand, brings back changes of records in public zones within about 60 minutes: it "
    "counts only for an RTO over 60 minutes, and for nothing else that Route 53 offers"
)
_BUCKETS = "creating, deleting and configuring buckets depends on us-east-1 in every Region; objects do not"
_STS = "the global STS endpoint is served from us-east-1: use a Regional one"

_SINGLE: Final = {
    # Service: host, home. One endpoint for the whole partition.
    "account": ("account.us-east-1.amazonaws.com", _EAST),
    "cloudfront": ("cloudfront.amazonaws.com", _EAST),
    "globalaccelerator": ("globalaccelerator.us-west-2.amazonaws.com", _WEST),
    "iam": ("iam.amazonaws.com", _EAST),
    "networkmanager": ("networkmanager.us-west-2.amazonaws.com", _WEST),
    "organizations": ("organizations.us-east-1.amazonaws.com", _EAST),
    "route53": ("route53.amazonaws.com", _EAST),
    "route53-recovery-control-config": ("route53-recovery-control-config.us-west-2.amazonaws.com", _WEST),
    "route53-recovery-readiness": ("route53-recovery-readiness.us-west-2.amazonaws.com", _WEST),
    "route53domains": ("route53domains.us-east-1.amazonaws.com", _EAST),
    "support": ("support.us-east-1.amazonaws.com", _EAST),
}

_UNLIKE: Final = {
    # Regional services whose host is not simply {service}.{region}.amazonaws.com.
    "appstream": "appstream2.{region}.amazonaws.com",
    "arc-region-switch": "arc-region-switch.{region}.api.aws",
    "chime-sdk-voice": "voice-chime.{region}.amazonaws.com",
    "cloudcontrol": "cloudcontrolapi.{region}.amazonaws.com",
    "cloudwatch": "monitoring.{region}.amazonaws.com",
    "connect-contact-lens": "contact-lens.{region}.amazonaws.com",
    "connectcampaigns": "connect-campaigns.{region}.amazonaws.com",
    "connectcampaignsv2": "connect-campaigns.{region}.amazonaws.com",
    "connectparticipant": "participant.connect.{region}.amazonaws.com",
    "elbv2": "elasticloadbalancing.{region}.amazonaws.com",
    "lexv2-models": "models-v2-lex.{region}.amazonaws.com",
    "lexv2-runtime": "runtime-v2-lex.{region}.amazonaws.com",
    "service-quotas": "servicequotas.{region}.amazonaws.com",
    "ses": "email.{region}.amazonaws.com",
    "sesv2": "email.{region}.amazonaws.com",
    "sso-admin": "sso.{region}.amazonaws.com",
    "stepfunctions": "states.{region}.amazonaws.com",
}

_PLAIN: Final = frozenset(
    {
        "backup",
        "cognito-idp",
        "connect",
        "dynamodb",
        "ec2",
        "events",
        "firehose",
        "fis",
        "kms",
        "lambda",
        "logs",
        "resiliencehub",
        "route53-recovery-cluster",
        "s3",
        "scheduler",
        "secretsmanager",
        "sns",
        "sqs",
        "ssm",
        "ssm-contacts",
        "ssm-incidents",
        "sts",
        "workspaces",
    }
)

_SWITCH_CONTROL: Final = frozenset(
    # botocore's model gives these, and these only, the control plane's endpoint (`UseControlPlaneEndpoint`).
    {
        "CreatePlan",
        "DeletePlan",
        "GetPlan",
        "ListPlans",
        "ListRoute53HealthChecks",
        "ListTagsForResource",
        "TagResource",
        "UntagResource",
        "UpdatePlan",
    }
)
_BUCKET_CHANGES: Final = ("CreateBucket", "DeleteBucket", "PutBucket")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a call goes.

    `host` is without the prefix that some S3 buckets and operations put before it.
    `home` is empty where no single Region's loss takes the endpoint away. `also` is a second Region that the operation
    depends on, or empty. `note` is a sentence for people where the home is not what the call says.
    """

    host: str
    home: str
    also: str = ""
    note: str = ""


def endpoint(call: Call) -> Endpoint:
    """The endpoint that `call` reaches.

    Raises:
        InvalidInput: the service has no row here; or the Region belongs to another partition, or is not spelt exactly
            as Regions are, so that nobody could tell whether it is the lost one.
    """
    return _endpoint(call.service, call.operation, call.region)


def client_region(service: str, region: str) -> str:
    """The Region to make a client in: the one home of a service that has only one endpoint, else `region`."""
    return _SINGLE[service][1] if service in _SINGLE else region


def services() -> frozenset[str]:
    """Every AWS service that has a row here."""
    return _PLAIN | _UNLIKE.keys() | _SINGLE.keys()


def needs_region(calls: Iterable[Call], lost: str) -> tuple[Call, ...]:
    """Those calls that cannot be made once Region `lost` is gone, in their order.

    Raises:
        InvalidInput: as `endpoint`; or `lost` is not spelt as Regions are, and would never be found needed.
    """
    if lost and not is_region(lost):
        raise InvalidInput(f"no Region is called {lost}", remedy="write it as us-east-1")
    return tuple(call for call in calls if lost in _dependencies(endpoint(call)))


def _dependencies(place: Endpoint) -> tuple[str, ...]:
    return tuple(region for region in (place.home, place.also) if region)


@lru_cache(maxsize=4096)
def _endpoint(service: str, operation: str, region: str) -> Endpoint:
    if service == DNS:
        return Endpoint(DNS, "")
    if service in _SINGLE:
        host, home = _SINGLE[service]
        return Endpoint(host, home, note=_ROUTE53 if service == "route53" else _CONTROL_PLANE.format(home=home))
    return _regional(service, operation, region)


def _regional(service: str, operation: str, region: str) -> Endpoint:
    """Services with an endpoint in each Region, and their exceptions."""
    if (service, region) == ("sts", "aws-global"):
        return Endpoint("sts.amazonaws.com", _EAST, note=_STS)
    if service == "arc-region-switch" and operation in _SWITCH_CONTROL:
        return Endpoint(f"{service}-control-plane.us-east-1.api.aws", _EAST, note=_CONTROL_PLANE.format(home=_EAST))
    host = _regional_host(service, region)
    if service == "route53-recovery-cluster":
        # A cluster answers from five Regions; its callers rotate over them, so losing one loses nothing.
        return Endpoint(host, "")
    if service == "s3" and operation.startswith(_BUCKET_CHANGES):
        return Endpoint(host, _EAST, also=region, note=_BUCKETS)
    return Endpoint(host, region)


def _regional_host(service: str, region: str) -> str:
    if not is_region(region):
        raise InvalidInput(
            f"{service} in {region or 'no Region'} has no known endpoint",
            remedy="name a Region of the commercial AWS partition, spelt as us-east-1",
        )
    if service not in _PLAIN and service not in _UNLIKE:
        raise InvalidInput(
            f"nobody knows where {service} lives, so it cannot be told what it needs",
            remedy="add its endpoint and home to cloud/regions.py",
        )
    return _UNLIKE.get(service, f"{service}.{{region}}.amazonaws.com").format(region=region)
