"""Names go back: a data-plane lever is lowered where it was raised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar

from orchestrator.actions.dns import LOWERED, RAISED, Metric
from orchestrator.model.actions import Call, Expected, Provenance, Setting
from orchestrator.model.parameters import Doc, Region

if TYPE_CHECKING:
    from orchestrator.model.values import Json

UP, DOWN, SILENT = "raised", "lowered", "unknown"
"""The lever's last level; unknown where nothing was published for `LOOK_BACK`."""
LOOK_BACK = timedelta(hours=3)
PERIOD_S = 60


@dataclass(frozen=True)
class ReturnParams:
    """Parameters of `dns.return`."""

    name: Annotated[str, Doc("the front door's name")]
    target: Annotated[str, Doc("what it must answer with afterwards: the entry that it goes back to")]
    region: Annotated[Region, Doc("where the lever was raised; it is lowered there, not at the target")]
    metric: Annotated[Metric, Doc("that Region's evacuation metric")]


class Return(Setting[ReturnParams]):
    """Lower a Region's evacuation metric; settled when it is down and the name answers with the target's entry.

    A lever that stays up counts against the next evacuation the other way, even where the name answers rightly: so the
    level is looked at too, and one of which nothing is known is lowered. It is published again each minute while the
    answers are awaited, as `dns.evacuate` does.

    Source: CloudWatch API reference, PutMetricData and GetMetricData; Route 53 Developer Guide, health checks that
    monitor CloudWatch alarms (silence keeps the last known status); AWS Fault Isolation Boundaries.
    """

    name = "dns.return"
    summary = "move the front door's name back by lowering the lever where it was raised (data plane only)"
    Params = ReturnParams
    deadline_s: ClassVar[float | None] = 600.0
    interval_s = 10.0
    rewrite_s: ClassVar[float | None] = 60.0
    expected = Expected(150.0, Provenance.DOCUMENTED, "one alarm period, the health check, one TTL")
    subject_params: ClassVar[tuple[str, ...]] = ("region", "metric")

    @classmethod
    def calls(cls, params: ReturnParams) -> tuple[Call, ...]:
        """A read and a write where the lever is; DNS answers come from the data plane."""
        return (
            Call("cloudwatch", "GetMetricData", params.region),
            Call("cloudwatch", "PutMetricData", params.region, write=True),
            Call("dns", "Resolve", params.region),
        )

    def subject(self, params: ReturnParams) -> str:
        """The lever."""
        return f"cloudwatch:lever:{params.region}:{params.metric['namespace']}:{params.metric['name']}"

    def observe(self, params: ReturnParams) -> Json:
        """`{"answers", "lever"}`: the name's targets, sorted, and `raised`, `lowered` or `unknown`."""
        return {"answers": list(self.cloud.resolve(params.name)), "lever": self._level(params)}

    def _level(self, params: ReturnParams) -> str:
        # Whole minutes, the present one included: so periods are the minutes in which the alarm counts.
        end = self.cloud.now().replace(second=0, microsecond=0) + timedelta(minutes=1)
        metric = {"Namespace": params.metric["namespace"], "MetricName": params.metric["name"]}
        found = self.cloud.client("cloudwatch", params.region).get_metric_data(
            MetricDataQueries=[
                {"Id": "lever", "MetricStat": {"Metric": metric, "Period": PERIOD_S, "Stat": "Maximum"}},
            ],
            StartTime=end - LOOK_BACK, EndTime=end, ScanBy="TimestampDescending",
        )  # fmt: skip
        values = [value for one in found.get("MetricDataResults") or () for value in one.get("Values") or ()]
        if not values:
            return SILENT
        return UP if values[0] >= RAISED else DOWN

    def target(self, params: ReturnParams, before: Json) -> Json:  # noqa: ARG002
        """The target's entry alone, and the lever down."""
        return {"answers": [_entry(params)], "lever": DOWN}

    def write(self, params: ReturnParams, part: Json) -> None:
        """Lower the lever; raise it where a value is given back in which it was up."""
        up = part["lever"] == UP or (part["lever"] == SILENT and part["answers"] != [_entry(params)])
        self.cloud.client("cloudwatch", params.region).put_metric_data(
            Namespace=params.metric["namespace"],
            MetricData=[{"MetricName": params.metric["name"], "Value": RAISED if up else LOWERED, "Unit": "Count"}],
        )

    def settled(self, params: ReturnParams, target: Json, now: Json) -> bool:  # noqa: ARG002
        """The answers, and the level unless nobody knew it."""
        return bool(now["answers"] == target["answers"] and target["lever"] in (now["lever"], SILENT))

    def still_ours(self, params: ReturnParams, ours: Json, now: Json) -> bool:
        """A lever that has been silent since is where we left it."""
        return self.settled(params, ours, now) or (now["answers"] == ours["answers"] and now["lever"] == SILENT)

    def gains(self, params: ReturnParams, now: Json, value: Json) -> tuple[str, ...]:
        """The lever's own Region, if names are to lead there again."""
        return (params.region,) if value["answers"] not in (now["answers"], [_entry(params)]) else ()


def _entry(params: ReturnParams) -> str:
    """The target as resolvers spell it."""
    return params.target.rstrip(".").lower()
