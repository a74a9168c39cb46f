"""What callers hear: flags that contact flows read through their Region's own function and table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from orchestrator.actions.answers import refused
from orchestrator.model.actions import Call, Expected, Provenance, Setting
from orchestrator.model.parameters import Doc, Region

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from orchestrator.model.values import Json


@dataclass(frozen=True)
class FlagParams:
    """Parameters of `ivr.flag`."""

    region: Annotated[Region, Doc("the surviving Region: the flag is written and read there")]
    table: Annotated[str, Doc("the flags table, keyed by `flag`")]
    flag: Annotated[str, Doc("the flag's name")]
    value: Annotated[str, Doc("its value, as text (quote on and off)")]


class Flag(Setting[FlagParams]):
    """One flag. Each write raises its epoch by one, conditionally: somebody newer wins, and we stop.

    An item that somebody wrote by hand with other types than ours (value: text, epoch: whole number) fails the step and
    is left as it is: taken for unset, it could not be given back.

    Source: DynamoDB API reference, GetItem (a consistent read, or the newest epoch may be missed) and UpdateItem.
    """

    name = "ivr.flag"
    summary = "set a flag that contact flows read (no flow is published)"
    Params = FlagParams
    deadline_s: ClassVar[float | None] = 60.0
    interval_s = 1.0
    expected = Expected(1.0, Provenance.DOCUMENTED, "milliseconds in the Region")
    subject_params: ClassVar[tuple[str, ...]] = ("region", "table", "flag")

    @classmethod
    def calls(cls, params: FlagParams) -> tuple[Call, ...]:
        """One item in the Region's own table."""
        return (
            Call("dynamodb", "GetItem", params.region),
            Call("dynamodb", "UpdateItem", params.region, write=True),
        )

    def subject(self, params: FlagParams) -> str:
        """The flag."""
        return f"dynamodb:flag:{params.region}:{params.table}:{params.flag}"

    def observe(self, params: FlagParams) -> Json:
        """`{"value", "epoch"}`; an unset flag has value null and epoch 0.

        Raises:
            Rejected: the item's value is no text, or its epoch no whole number.
        """
        dynamodb = self.cloud.client("dynamodb", params.region)
        key = {"flag": {"S": params.flag}}
        item = dynamodb.get_item(TableName=params.table, Key=key, ConsistentRead=True).get("Item", {})
        value, epoch = item.get("value", {"S": None}), item.get("epoch", {"N": "0"})
        if "S" not in value or not str(epoch.get("N", "")).isdecimal():
            found = f"a value of type {_types(value)} and epoch {epoch.get('N') or 'of type ' + _types(epoch)}"
            raise refused(
                f"flag {params.flag} of table {params.table} in {params.region} has {found}, not text and a number",
                self.calls(params)[0], "NotAFlag", "set the item's value (S) and epoch (N) right, or delete it",
            )  # fmt: skip
        return {"value": value["S"], "epoch": int(epoch["N"])}

    def target(self, params: FlagParams, before: Json) -> Json:
        """The value, one epoch later; or what is there if it has the value already."""
        return before if before["value"] == params.value else {"value": params.value, "epoch": before["epoch"] + 1}

    def parts(self, params: FlagParams, before: Json, target: Json) -> Sequence[Json]:  # noqa: ARG002
        """One write, one epoch after what was seen: a return to an earlier value is a newer write too."""
        return ({"value": target["value"], "epoch": before["epoch"] + 1},)

    def write(self, params: FlagParams, part: Json) -> None:
        """Conditional on the epoch; the value null unsets the flag.

        Raises:
            Overtaken: somebody has written since we looked.
        """
        unset = part["value"] is None
        value = {} if unset else {":v": {"S": part["value"]}}
        self.cloud.client("dynamodb", params.region).update_item(
            TableName=params.table,
            Key={"flag": {"S": params.flag}},
            UpdateExpression="SET epoch = :e REMOVE #v" if unset else "SET epoch = :e, #v = :v",
            ConditionExpression="attribute_not_exists(epoch) OR epoch < :e",
            ExpressionAttributeNames={"#v": "value"},
            ExpressionAttributeValues={":e": {"N": str(part["epoch"])}, **value},
        )

    def settled(self, params: FlagParams, target: Json, now: Json) -> bool:  # noqa: ARG002
        """The value, at that epoch or a later one."""
        return bool(now["value"] == target["value"] and now["epoch"] >= target["epoch"])


def _types(attribute: Mapping[str, Json]) -> str:
    return ", ".join(attribute) or "none"
