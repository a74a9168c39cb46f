"""Alarm rules, from the CloudWatch User Guide ("Alarm evaluation", "…treat missing data") and PutMetricAlarm's page."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from orchestrator.model.errors import NotSimulated

if TYPE_CHECKING:
    from drills.simulator.cloud import SimulatedCloud

EAST, WEST = "us-east-1", "us-west-2"
PLAIN = {
    "AlarmName": "level",
    "Namespace": "Drill",
    "MetricName": "level",
    "Statistic": "Maximum",
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "TreatMissingData": "missing",
}


class Level:
    """A metric and its alarm in one Region. Time stands still but for `wait`."""

    def __init__(self, cloud: SimulatedCloud, region: str = WEST, **changes: Any) -> None:
        self.cloud, self.client = cloud, cloud.door.client("cloudwatch", region)
        with cloud.network.building():
            self.client.put_metric_alarm(**{**PLAIN, **changes})

    def publish(self, value: float, **more: Any) -> None:
        with self.cloud.network.building():
            self.client.put_metric_data(Namespace="Drill", MetricData=[{"MetricName": "level", "Value": value, **more}])

    def wait(self, seconds: float) -> None:
        self.cloud.clock.pause(seconds)

    def alarm(self) -> dict[str, Any]:
        with self.cloud.network.building():
            (found,) = self.client.describe_alarms(AlarmNames=["level"])["MetricAlarms"]
        return dict(found)

    @property
    def state(self) -> str:
        return str(self.alarm()["StateValue"])


@pytest.fixture
def level(cloud: SimulatedCloud) -> Level:
    return Level(cloud)


def test_a_new_alarm_has_insufficient_data_and_keeps_saying_so(level: Level) -> None:
    assert level.state == "INSUFFICIENT_DATA"
    level.wait(600)
    assert level.state == "INSUFFICIENT_DATA"


@pytest.mark.parametrize(("value", "state"), [(1, "ALARM"), (0, "OK"), (0.99, "OK"), (2, "ALARM")])
def test_the_state_turns_at_the_next_full_minute(level: Level, value: float, state: str) -> None:
    level.wait(75)
    level.publish(value)
    level.wait(44)
    assert level.state == "INSUFFICIENT_DATA"
    level.wait(1)
    assert level.state == state
    assert level.alarm()["StateUpdatedTimestamp"] == level.cloud.clock.start + timedelta(minutes=2)


def test_the_newest_period_with_data_decides(level: Level) -> None:
    level.publish(1)
    level.wait(60)
    level.publish(0)
    assert level.state == "ALARM"
    level.wait(60)
    assert level.state == "OK"


@pytest.mark.parametrize(
    ("statistic", "state"),
    [("Maximum", "ALARM"), ("Minimum", "OK"), ("Average", "OK"), ("Sum", "ALARM"), ("SampleCount", "ALARM")],
)
def test_each_statistic_is_of_all_data_of_the_period(cloud: SimulatedCloud, statistic: str, state: str) -> None:
    level = Level(cloud, Statistic=statistic)
    level.publish(1)
    level.publish(0)
    level.wait(60)
    assert level.state == state


def test_a_statistic_set_counts_like_its_values(cloud: SimulatedCloud) -> None:
    level = Level(cloud, Statistic="Average", Threshold=2.5, ComparisonOperator="GreaterThanThreshold")
    with cloud.network.building():
        statistics = {"SampleCount": 4.0, "Sum": 12.0, "Minimum": 1.0, "Maximum": 5.0}
        level.client.put_metric_data(
            Namespace="Drill", MetricData=[{"MetricName": "level", "StatisticValues": statistics}]
        )
    level.wait(60)
    assert level.state == "ALARM"


@pytest.mark.parametrize(
    ("treatment", "state"),
    [("missing", "INSUFFICIENT_DATA"), ("ignore", "ALARM"), ("breaching", "ALARM"), ("notBreaching", "OK")],
)
def test_silence_is_treated_as_told_once_nothing_is_in_range(cloud: SimulatedCloud, treatment: str, state: str) -> None:
    level = Level(cloud, TreatMissingData=treatment)
    level.publish(1)
    level.wait(180)
    assert level.state == "ALARM"
    level.wait(60)
    assert level.state == state


def test_a_level_published_each_minute_is_kept_up(level: Level) -> None:
    for _ in range(20):
        level.publish(1)
        level.wait(60)
    assert level.state == "ALARM"


def test_looking_seldom_shows_the_same_as_looking_often(level: Level) -> None:
    level.publish(1)
    level.wait(61)
    level.publish(0)
    level.wait(3600)
    assert level.state == "INSUFFICIENT_DATA"
    # 0 was published in the second minute; the fifth evaluation is the first that does not look back so far.
    assert level.alarm()["StateUpdatedTimestamp"] == level.cloud.clock.start + timedelta(minutes=5)


def test_a_datum_that_arrives_late_changes_no_past_evaluation(level: Level) -> None:
    level.wait(120)
    level.publish(1, Timestamp=level.cloud.clock.start + timedelta(seconds=70))
    assert level.state == "INSUFFICIENT_DATA"
    level.wait(60)
    assert level.state == "ALARM"


def test_data_of_another_region_metric_or_dimension_does_not_count(cloud: SimulatedCloud) -> None:
    level, elsewhere = Level(cloud), Level(cloud, EAST)
    elsewhere.publish(1)
    level.publish(1, Dimensions=[{"Name": "side", "Value": "left"}])
    level.wait(60)
    assert level.state == "INSUFFICIENT_DATA"
    assert elsewhere.state == "ALARM"


def test_an_alarm_on_a_dimension_sees_data_of_just_that_dimension(cloud: SimulatedCloud) -> None:
    dimensions = [{"Name": "side", "Value": "left"}]
    level = Level(cloud, Dimensions=dimensions)
    level.publish(1)
    level.wait(60)
    assert level.state == "INSUFFICIENT_DATA"
    level.publish(1, Dimensions=dimensions)
    level.wait(60)
    assert level.state == "ALARM"


def test_a_change_keeps_the_state_and_deciding_goes_on_by_the_new_terms(level: Level) -> None:
    level.publish(1)
    level.wait(60)
    with level.cloud.network.building():
        level.client.put_metric_alarm(**{**PLAIN, "Threshold": 5.0})
    assert level.state == "ALARM"
    level.wait(60)
    assert level.state == "OK"


def test_a_state_set_by_hand_lasts_until_the_next_evaluation(level: Level) -> None:
    level.publish(0)
    level.wait(60)
    with level.cloud.network.building():
        level.client.set_alarm_state(AlarmName="level", StateValue="ALARM", StateReason="test")
    assert level.state == "ALARM"
    level.wait(60)
    assert level.state == "OK"


def test_a_dead_regions_alarm_keeps_its_state_and_takes_up_again_when_it_lives(level: Level) -> None:
    level.publish(1)
    level.wait(90)
    now = level.cloud.clock.now()
    level.cloud.lose(WEST, now, now + timedelta(minutes=30))
    level.wait(30 * 60)
    assert level.state == "ALARM"
    level.wait(60)
    assert level.state == "INSUFFICIENT_DATA"


@pytest.mark.parametrize(
    "form",
    [
        {"EvaluationPeriods": 3},
        {"Period": 10},
        {"Statistic": None, "ExtendedStatistic": "p99"},
        {"Unit": "Seconds"},
    ],
)
def test_an_alarm_of_a_form_without_rules_is_not_simulated(cloud: SimulatedCloud, form: dict[str, Any]) -> None:
    wanted = {key: value for key, value in {**PLAIN, **form}.items() if value is not None}
    with pytest.raises(NotSimulated):
        cloud.door.client("cloudwatch", WEST).put_metric_alarm(**wanted)
    assert ("cloudwatch", "PutMetricAlarm") in cloud.network.unlisted
