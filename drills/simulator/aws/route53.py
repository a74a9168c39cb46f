"""Route 53's control plane with the rules that moto leaves out, put into moto from outside.

Rules: API Reference, ChangeResourceRecordSets, CreateHealthCheck, UpdateHealthCheck, and the data types
ResourceRecordSet and HealthCheckConfig. Those of record sets hold in founded accounts only. What the records answer is
in `drills.simulator.names`.
"""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias, cast

from moto.core.responses import ActionResult
from moto.moto_api._internal import mock_random
from moto.route53 import exceptions, models, urls
from moto.route53.responses import Route53
from moto.route53.utils import validate_domain_name

from drills.simulator.aws.accounts import is_founded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

ALARM_CHECK = "CLOUDWATCH_METRIC"

# moto types every field of a record set as "anything or None", and marks classes abstract that it instantiates itself.
RecordSet: TypeAlias = Any
_new_record_set = cast("Callable[[dict[str, Any]], RecordSet]", models.RecordSet)


class _Refusal(exceptions.Route53ClientError):
    """An error of the service's model, by its code."""


class AlarmCheck(models.HealthCheck):
    """A health check that follows a CloudWatch alarm."""

    def __init__(self, health_check_id: str, caller_reference: str, config: dict[str, Any]) -> None:
        arguments = {"type": ALARM_CHECK, "inverted": config.get("Inverted"), "disabled": config.get("Disabled")}
        super().__init__(health_check_id, caller_reference, arguments)
        self.alarm: dict[str, str] = dict(config["AlarmIdentifier"])
        # The API names no default. The console's is the one that changes nothing.
        self.when_insufficient: str = config.get("InsufficientDataHealthStatus") or "LastKnownStatus"

    @property
    def health_check_config(self) -> dict[str, Any]:
        """The configuration as GetHealthCheck shows it."""
        return {
            "Type": self.type_,
            "Inverted": self.inverted,
            "Disabled": self.disabled,
            "AlarmIdentifier": self.alarm,
            "InsufficientDataHealthStatus": self.when_insufficient,
        }


class Backend(models.Route53Backend):
    """moto's Route 53 with health checks that are made once, and record sets that may stand side by side."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._references: dict[str, tuple[str, dict[str, Any]]] = {}

    @property
    def _url_module(self) -> SimpleNamespace:
        # moto finds a backend's URLs beside its class, and ours lives elsewhere.
        return _ROUTES

    def check_of(self, caller_reference: str, config: dict[str, Any]) -> models.HealthCheck | None:
        """The health check made by an equal request before, or None for a new reference.

        Raises:
            _Refusal: HealthCheckAlreadyExists, for a reference used with other settings or by a deleted check.
        """
        check_id, before = self._references.get(caller_reference, ("", {}))
        if not check_id:
            return None
        if check_id not in self.health_checks or before != config:
            raise _Refusal("HealthCheckAlreadyExists", f"{caller_reference} has made another health check")
        return self.health_checks[check_id]

    def remember(self, check: models.HealthCheck, config: dict[str, Any]) -> None:
        """Keep the request that made a check."""
        self.health_checks[check.id] = check
        self._references[check.caller_reference] = check.id, config

    def change_resource_record_sets(self, zoneid: str, change_list: list[dict[str, Any]]) -> None:
        """All changes of a batch, in order, or none; in an account that nobody founded, as moto.

        Raises:
            InvalidInput: a change is malformed.
            _Refusal: InvalidChangeBatch, with the rule that was broken.
            NoSuchHealthCheck: a record set names an unknown one.
        """
        if not is_founded(self.account_id):
            super().change_resource_record_sets(zoneid, change_list)
            return
        zone = self.get_hosted_zone(zoneid)
        for change in change_list:
            _check_whole(change["Action"], change["ResourceRecordSet"])
        record_sets = list(zone.rrsets)
        for change in change_list:
            record_set = _record_set(change["ResourceRecordSet"])
            if not f".{record_set.name}".endswith(f".{zone.name}"):
                raise exceptions.DnsNameInvalidForZone(name=record_set.name, zone_name=zone.name)
            if record_set.health_check_id and change["Action"] != "DELETE":
                self.get_health_check(record_set.health_check_id)
            record_sets = _changed(record_sets, change["Action"], record_set)
        for name in {change["ResourceRecordSet"]["Name"]: None for change in change_list}:
            _check_together([r for r in record_sets if r.name == _absolute(name)])
        zone.rrsets = record_sets


def _absolute(name: str) -> str:
    return name.rstrip(".").lower() + "."


def _record_set(given: dict[str, Any]) -> RecordSet:
    values = [record["Value"] for record in given.get("ResourceRecords") or ()]
    return _new_record_set({**given, "Name": _absolute(given["Name"]), "ResourceRecords": values})


def _identity(record_set: models.RecordSet) -> tuple[str, str, str | None]:
    return str(record_set.name), str(record_set.type), record_set.set_identifier


def _shown(record_set: models.RecordSet) -> str:
    name, kind, identifier = _identity(record_set)
    return f"[name='{name}', type='{kind}'" + (f", set identifier='{identifier}']" if identifier else "]")


def _changed(record_sets: Sequence[RecordSet], action: str, record_set: RecordSet) -> list[RecordSet]:
    same = [r for r in record_sets if _identity(r) == _identity(record_set)]
    rest = [r for r in record_sets if _identity(r) != _identity(record_set)]
    if action == "DELETE":
        if not same:
            raise _broken(f"Tried to delete resource record set {_shown(record_set)} but it was not found")
        # AWS: all the values have to be given that it was created with.
        if {**vars(same[0]), "ttl": str(same[0].ttl)} != {**vars(record_set), "ttl": str(record_set.ttl)}:
            raise _broken(f"Tried to delete resource record set {_shown(record_set)} but the values provided differ")
        return rest
    if action == "CREATE" and same:
        raise _broken(f"Tried to create resource record set {_shown(record_set)} but it already exists")
    return [*rest, record_set]


def _broken(message: str) -> _Refusal:
    return _Refusal("InvalidChangeBatch", message)


def _check_whole(action: str, given: dict[str, Any]) -> None:
    """What Route 53 refuses before it looks at a zone. Its words for the last one are known from moto's tests."""
    validate_domain_name(given["Name"], code="InvalidChangeBatch")
    if action not in {"CREATE", "DELETE", "UPSERT"}:
        raise exceptions.InvalidActionValue(action)
    if not given.get("AliasTarget") and (given.get("TTL") is None or not given.get("ResourceRecords")):
        facts = f"Action={action}, Name={given['Name']}, Type={given['Type']}"
        raise exceptions.InvalidInput(
            "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or"
            f" TrafficPolicyInstanceId], but found none in Change with [{facts},"
            f" SetIdentifier={given.get('SetIdentifier', 'null')}]"
        )


def _check_together(at_name: Iterable[RecordSet]) -> None:
    """The record sets of one name: what may stand beside what."""
    kinds: dict[str, list[RecordSet]] = {}
    for record_set in at_name:
        kinds.setdefault(record_set.type, []).append(record_set)
    if "CNAME" in kinds and len(kinds) > 1:
        raise _broken(f"RRSet {_shown(kinds['CNAME'][0])} is not permitted beside records of other types")
    for record_sets in kinds.values():
        if len({policy_of(r) for r in record_sets}) > 1:
            raise _broken(f"RRSet {_shown(record_sets[0])} and others of its name have different routing policies")
        for record_set in record_sets:
            _check_alone(record_set)
        roles = Counter(r.failover for r in record_sets if r.failover)
        if any(count > 1 for count in roles.values()):
            raise _broken(f"More than one {roles.most_common(1)[0][0]} failover record for {_shown(record_sets[0])}")


def _check_alone(record_set: models.RecordSet) -> None:
    if (policy_of(record_set) == "simple") is (record_set.set_identifier is not None):
        raise _broken(f"RRSet {_shown(record_set)}: a set identifier and a routing policy go together")
    if record_set.failover == "PRIMARY" and not record_set.alias_target and not record_set.health_check_id:
        raise _broken(f"RRSet {_shown(record_set)}: a primary record that is no alias needs a health check")


def policy_of(record_set: models.RecordSet) -> str:
    """The routing policy of a record set: `simple`, `failover`, `weighted`, or one that has no rules here."""
    policies = {
        "failover": record_set.failover,
        "weighted": record_set.weight,
        "latency": record_set.region,
        "geolocation": record_set.geo_location,
        "multivalue": record_set.multi_value_answer or None,
    }
    return next((name for name, value in policies.items() if value is not None), "simple")


class Responses(Route53):
    """moto's front with our rules; what is not overridden is moto's."""

    backend: ClassVar[Any]

    def create_health_check(self) -> ActionResult:
        """The check of an equal earlier request, or a new one."""
        reference, config = self._get_param("CallerReference"), self._get_param("HealthCheckConfig")
        check = self.backend.check_of(reference, config)
        if check is None and config["Type"] == ALARM_CHECK:
            if not config.get("AlarmIdentifier"):
                raise exceptions.InvalidInput("AlarmIdentifier is required for a check of a CloudWatch alarm")
            check = cast("Callable[..., AlarmCheck]", AlarmCheck)(str(mock_random.uuid4()), reference, config)
            self.backend.remember(check, config)
        if check is None:
            result = super().create_health_check()
            self.backend.remember(cast("Any", result.result)["HealthCheck"], config)
            return result
        return self._shown(check)

    def update_health_check(self) -> ActionResult:
        """Refused at another version than the present one; raises the version."""
        check = self.backend.get_health_check(self._get_param("HealthCheckId"))
        version = self._get_param("HealthCheckVersion")
        if version is not None and int(version) != check.health_check_version:
            raise _Refusal("HealthCheckVersionMismatch", f"the present version is {check.health_check_version}")
        super().update_health_check()
        if isinstance(check, AlarmCheck):
            check.alarm = dict(self._get_param("AlarmIdentifier") or check.alarm)
            check.when_insufficient = self._get_param("InsufficientDataHealthStatus") or check.when_insufficient
        check.health_check_version += 1
        return self._shown(check)

    @staticmethod
    def _shown(check: models.HealthCheck) -> ActionResult:
        return ActionResult({"HealthCheck": check})


_ROUTES = SimpleNamespace(url_bases=urls.url_bases, url_paths=dict.fromkeys(urls.url_paths, Responses.dispatch))


def install() -> None:
    """Put our backend in moto's place. Idempotent; moto's state of this service should be empty."""
    models.route53_backends.backend = Backend
