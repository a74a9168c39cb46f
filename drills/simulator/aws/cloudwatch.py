"""CloudWatch alarms that evaluate themselves, put into moto from outside.

Rules: AWS, CloudWatch User Guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat missing data"; the
states on creation and change: API Reference, PutMetricAlarm.
- An alarm is evaluated at every full minute over whole periods; the newest period with data decides. It looks back
  over two periods more than it evaluates (as the guide's example of 5 for 3; AWS names no other number: modelled).
- With no data in that range `TreatMissingData` decides: `missing` means INSUFFICIENT_DATA, `ignore` keeps the state.
- A datum counts after its arrival, in the Region it was sent to; a dead Region evaluates nothing and keeps states.
- Alarms of another form (M out of N, high resolution, percentiles, expressions, composite) have no rules here: they
  stay moto's, which evaluates none, and a drill is told of each (`install`), to refuse it.

States are worked out when somebody reads them: an alarm that nobody looks at costs nothing.
"""

from __future__ import annotations

import operator
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, cast

from moto.cloudwatch import models

from orchestrator.model.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_MINUTE = timedelta(minutes=1)
_LOOK_BACK_PERIODS = 3
_INSUFFICIENT = "INSUFFICIENT_DATA"

_BREACHES: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}
_STATISTICS = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")

# Namespace, name, sorted dimensions: what CloudWatch knows a metric by.
_MetricKey = tuple[str, str, tuple[tuple[str, str], ...]]


def _key(namespace: str, name: str, dimensions: Iterable[models.Dimension]) -> _MetricKey:
    return namespace, name, tuple(sorted((str(d.name), str(d.value)) for d in dimensions))


def _now() -> datetime:
    """The present as moto sees it: naive, UTC, and virtual in a drill."""
    return SystemClock().now().replace(tzinfo=None)


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


class Alarm(models.Alarm):
    """An alarm with its past. `transitions` are (moment naive UTC, state), oldest first, never empty."""

    transitions: list[tuple[datetime, str]]
    evaluated_to: datetime

    @classmethod
    def out_of(cls, made: models.Alarm, previous: Alarm | None) -> Alarm:
        """Turn moto's new alarm into ours; a changed alarm keeps the state and the past of the one it replaces."""
        alarm: Any = made
        alarm.__class__ = cls
        now = _now()
        alarm.transitions = previous.transitions if previous else [(now, _INSUFFICIENT)]
        alarm.evaluated_to = now
        alarm.state_value = alarm.transitions[-1][1]
        alarm.state_updated_timestamp = alarm.transitions[-1][0]
        if previous:
            alarm.state_reason, alarm.history = previous.state_reason, previous.history
        return cast("Alarm", alarm)

    def update_state(self, reason: str, reason_data: str, state_value: str) -> None:
        """As moto, and remember it."""
        super().update_state(reason, reason_data, state_value)
        self.transitions.append((self.state_updated_timestamp, state_value))

    def turn(self, state: str, at: datetime) -> None:
        """Take on a state at a moment of the past minute."""
        if state != self.state_value:
            self.state_value, self.state_updated_timestamp = state, at
            self.state_reason = f"evaluated at {at.isoformat()}Z"
            self.transitions.append((at, state))

    def verdict(self, data: list[_Datum], at: datetime) -> str:
        """The state that the metric's data, oldest arrival first, mean at a full minute."""
        period = timedelta(seconds=int(self.period))
        end = _EPOCH + (at - _EPOCH) // period * period
        for back in range(_LOOK_BACK_PERIODS):
            since = end - (back + 1) * period
            # Strictly before: whoever reads at the full minute itself must not make the difference.
            values = [d for d in data if d.arrived < at and since <= d.at < since + period]
            if values:
                breaches = _BREACHES[self.comparison_operator](
                    _statistic(self.statistic, values), float(self.threshold)
                )
                return "ALARM" if breaches else "OK"
        missing = {"breaching": "ALARM", "notBreaching": "OK", "ignore": self.state_value}
        return missing.get(self.treat_missing_data or "missing", _INSUFFICIENT)


class _Datum:
    """What was published: one value or a statistic set, for a moment, and when it arrived (both naive UTC)."""

    __slots__ = ("arrived", "at", "count", "most", "sum", "under")

    def __init__(self, made: models.MetricDatumBase, arrived: datetime) -> None:
        self.at, self.arrived = _naive(made.timestamp), arrived
        if isinstance(made, models.MetricAggregatedDatum):
            self.count, self.sum, self.under, self.most = made.sample_count, made.sum, made.min, made.max
        else:
            value = float(getattr(made, "value", 0.0))
            self.count, self.sum, self.under, self.most = 1.0, value, value, value


def _statistic(name: str, data: list[_Datum]) -> float:
    if name == "Maximum":
        return max(d.most for d in data)
    if name == "Minimum":
        return min(d.under for d in data)
    count, total = sum(d.count for d in data), sum(d.sum for d in data)
    return {"SampleCount": count, "Sum": total, "Average": total / count if count else 0.0}[name]


class Backend(models.CloudWatchBackend):
    """moto's CloudWatch of one Region, with alarms that follow their metrics."""

    region_is_down: ClassVar[Callable[[str, datetime], bool] | None] = None
    """Whether a Region was dead at a moment (aware); None where all live."""

    without_rules: ClassVar[Callable[[str], None] | None] = None
    """Hears of an alarm that has no rules here before it is made, and may refuse it; None where it stays moto's."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self._data: defaultdict[_MetricKey, list[_Datum]] = defaultdict(list)

    @property
    def _url_module(self) -> Any:
        # moto finds a backend's URLs beside its class, and ours lives elsewhere.
        from moto.cloudwatch import urls  # noqa: PLC0415 - imports moto's responses, which import the models

        return urls

    def put_metric_alarm(self, *args: Any, **kwargs: Any) -> models.Alarm:
        """As moto; alarms of the form that has rules follow their metrics from then on."""
        if not _has_rules(kwargs):
            told = type(self).without_rules
            if told is not None:
                told(f"an alarm of the form of {kwargs['name']}")
            return super().put_metric_alarm(*args, **kwargs)
        previous = self._evaluated(self.alarms.get(kwargs["name"]))
        alarm = Alarm.out_of(super().put_metric_alarm(*args, **kwargs), previous)
        self.alarms[alarm.name] = alarm
        return alarm

    def put_metric_data(self, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        """As moto; each datum is also kept with its moment of arrival."""
        known = len(self.metric_data)
        super().put_metric_data(namespace, metric_data)
        for made in self.metric_data[known:]:
            self._data[_key(made.namespace, made.name, made.dimensions)].append(_Datum(made, _now()))

    def set_alarm_state(self, alarm_name: str, reason: str, reason_data: str, state_value: str) -> None:
        """As moto; holds until the next evaluation."""
        self.describe_alarms()
        super().set_alarm_state(alarm_name, reason, reason_data, state_value)

    def describe_alarms(self) -> list[models.Alarm]:
        """All alarms, with their present states."""
        return [self._evaluated(alarm) or alarm for alarm in self.alarms.values()]

    def get_alarms_by_action_prefix(self, action_prefix: str) -> list[models.Alarm]:
        """As moto, evaluated."""
        self.describe_alarms()
        return list(super().get_alarms_by_action_prefix(action_prefix))

    def get_alarms_by_alarm_name_prefix(self, name_prefix: str) -> list[models.Alarm]:
        """As moto, evaluated."""
        self.describe_alarms()
        return list(super().get_alarms_by_alarm_name_prefix(name_prefix))

    def get_alarms_by_alarm_names(self, alarm_names: list[str]) -> list[models.Alarm]:
        """As moto, evaluated."""
        self.describe_alarms()
        return list(super().get_alarms_by_alarm_names(alarm_names))

    def get_alarms_by_state_value(self, target_state: str) -> list[models.Alarm]:
        """As moto, evaluated."""
        self.describe_alarms()
        return list(super().get_alarms_by_state_value(target_state))

    def alarm(self, name: str) -> Alarm | None:
        """One alarm, evaluated up to now, or None."""
        return self._evaluated(self.alarms.get(name))

    def _evaluated(self, alarm: models.Alarm | None) -> Alarm | None:
        if not isinstance(alarm, Alarm):
            return None
        data = self._data.get(_key(alarm.namespace, alarm.metric_name, alarm.dimensions), [])
        now = _now()
        minute = alarm.evaluated_to.replace(second=0, microsecond=0) + _MINUTE
        while minute <= now:
            if not self._was_down(minute):
                alarm.turn(alarm.verdict(data, minute), minute)
            alarm.evaluated_to = minute
            minute += _MINUTE
        return alarm

    def _was_down(self, moment: datetime) -> bool:
        asked = type(self).region_is_down
        return asked is not None and asked(self.region_name, moment.replace(tzinfo=UTC))


def _has_rules(alarm: dict[str, Any]) -> bool:
    return (
        not alarm.get("metric_data_queries")
        and not alarm.get("rule")
        and alarm.get("statistic") in _STATISTICS
        and alarm.get("comparison_operator") in _BREACHES
        and alarm.get("evaluation_periods") == 1
        and alarm.get("datapoints_to_alarm") in {None, 1}
        and int(alarm.get("period") or 0) >= 60
        and not alarm.get("unit")
    )


def install(
    region_is_down: Callable[[str, datetime], bool] | None, without_rules: Callable[[str], None] | None = None
) -> None:
    """Put our backend in moto's place. Idempotent; moto's state of this service should be empty."""
    Backend.region_is_down = staticmethod(region_is_down) if region_is_down else None
    Backend.without_rules = staticmethod(without_rules) if without_rules else None
    models.cloudwatch_backends.backend = Backend
