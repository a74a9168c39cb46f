"""`ivr.flag`, `change.stack_config` and `notify.publish`: what callers hear, what stacks learn, what people are told.

Rules: botocore, DynamoDB UpdateItem (ConditionExpression) and SNS Publish (a standard topic remembers nothing).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from moto.sns.models import sns_backends

from drills.simulator.outage import LostReply, Throttle
from orchestrator.model.errors import InvalidInput, NotFound, OutcomeUnknown, Overtaken, RegionUnreachable, Throttled

if TYPE_CHECKING:
    from action_world import Acting, ActionWorld

EAST, WEST = "us-east-1", "us-west-2"


# Flags.


def _flag(world: ActionWorld, value: str, *, flag: str, region: str = WEST) -> Acting:
    return world.acting(
        "ivr.flag", region=region, table=world.inventory.standby.flags_table, flag=flag, value=value
    )  # fmt: skip


def test_an_unset_flag_is_set_at_the_first_epoch_and_each_change_raises_it(world: ActionWorld) -> None:
    assert _flag(world, "on", flag="epochs").carry_out().before == {"value": None, "epoch": 0}
    assert _flag(world, "off", flag="epochs").carry_out().after == {"value": "off", "epoch": 2}
    assert _flag(world, "off", flag="epochs").carry_out().after == {"value": "off", "epoch": 2}


def test_somebody_newer_who_wrote_between_look_and_write_wins(world: ActionWorld) -> None:
    ours = _flag(world, "on", flag="raced")
    before = ours.observe()
    (part,) = ours.parts(before, ours.target(before))
    _flag(world, "maintenance", flag="raced").carry_out()
    with pytest.raises(Overtaken) as lost:
        ours.write(part)
    assert not lost.value.retryable
    assert ours.observe() == {"value": "maintenance", "epoch": 1}


def test_a_return_is_fenced_like_any_write(world: ActionWorld) -> None:
    ours = _flag(world, "on", flag="returned")
    before = ours.carry_out().before
    (part,) = ours.parts(ours.observe(), before)
    _flag(world, "maintenance", flag="returned").carry_out()
    with pytest.raises(Overtaken):
        ours.write(part)
    assert ours.observe()["value"] == "maintenance"


def test_the_same_value_written_by_somebody_else_meanwhile_is_as_good(world: ActionWorld) -> None:
    ours = _flag(world, "on", flag="agreed")
    before = ours.observe()
    target = ours.target(before)
    for value in ("on", "off", "on"):
        _flag(world, value, flag="agreed").carry_out()
    assert ours.settled(target, ours.observe())


def test_a_flag_is_written_and_read_in_the_surviving_region_only(world: ActionWorld) -> None:
    outage, mark = world.lost(EAST), world.mark
    _flag(world, "on", flag="alone").carry_out()
    assert {(made.service, made.region) for made in world.since(mark)} == {("dynamodb", WEST)}
    assert not outage.hits
    with pytest.raises(RegionUnreachable):
        _flag(world, "on", flag="alone", region=EAST).observe()


def test_each_region_has_its_own_flag(world: ActionWorld) -> None:
    _flag(world, "on", flag="own").carry_out()
    assert _flag(world, "on", flag="own", region=EAST).observe() == {"value": None, "epoch": 0}


def test_a_missing_table_is_not_an_unset_flag(world: ActionWorld) -> None:
    with pytest.raises(NotFound):
        world.acting("ivr.flag", region=WEST, table="no-such-table", flag="any", value="on").observe()


# Configuration of a stack.


def _config(world: ActionWorld, stack: str, **values: str) -> tuple[Acting, Path]:
    file = world.cloud.door.settings_dir / f"prepared.{stack}.json"
    return world.acting("change.stack_config", stack=stack, values=values), file


def test_the_values_are_added_and_other_keys_are_kept(world: ActionWorld) -> None:
    config, file = _config(world, "kept", group="two")
    file.write_text(json.dumps({"instance": "one", "group": "old"}))
    before = config.carry_out().before
    assert json.loads(file.read_text()) == {"instance": "one", "group": "two"}
    config.give_back(before)
    assert json.loads(file.read_text()) == {"instance": "one", "group": "old"}


def test_the_standby_stack_reads_what_prepare_standby_recorded(world: ActionWorld) -> None:
    config, _ = _config(world, "standby", traffic_group_arn=world.group)
    assert config.carry_out().parts == ()
    assert config.observe()["default_traffic_group_arn"] == world.default_group


def test_a_write_that_breaks_off_half_way_leaves_the_old_file_whole(
    world: ActionWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, file = _config(world, "torn", group="two")
    file.write_text('{"group": "one"}')

    def half(path: Path, text: str, *_: Any) -> int:
        with path.open("w") as opened:
            opened.write(text[: len(text) // 2])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as breaking:
        breaking.setattr(Path, "write_text", half)
        with pytest.raises(InvalidInput, match=r"prepared\.torn\.json cannot be written: No space left"):
            config.carry_out()
    assert config.observe() == {"group": "one"}
    assert config.carry_out().after == {"group": "two"}


@pytest.mark.parametrize("content", ["{", "[]", '"text"'])
def test_a_file_that_is_no_object_is_said_to_be_so_and_kept(world: ActionWorld, content: str) -> None:
    config, file = _config(world, "broken", group="two")
    file.write_text(content)
    with pytest.raises(InvalidInput, match=r"prepared\.broken\.json is no JSON object"):
        config.carry_out()
    assert file.read_text() == content


# Messages.

ONCE = "3f0c8a8e-3f1b-5d54-9d4e-0d6c3a1c7a11"


def _publish(world: ActionWorld, **other: str) -> Acting:
    given = {"region": WEST, "topic": world.inventory.standby.topics["incident"], "message": "Calls were moved."}
    return world.acting("notify.publish", **given | other)


def _sent(world: ActionWorld) -> list[Any]:
    """What the topic's subscribers would have got, oldest first."""
    topic = sns_backends[world.cloud.account][WEST].topics[world.inventory.standby.topics["incident"]]
    return list(topic.sent_notifications)


def test_a_message_is_sent_once_with_its_token_and_the_receipt_names_it(world: ActionWorld) -> None:
    before, mark = len(_sent(world)), world.mark
    publish = _publish(world, subject="Contact centre")
    receipt = publish.action.perform(publish.params, ONCE)
    (sent,) = _sent(world)[before:]
    assert sent[:3] == (receipt["message_id"], "Calls were moved.", "Contact centre")
    assert ONCE in json.dumps(sent[3])
    assert [(made.operation, made.region) for made in world.since(mark)] == [("Publish", WEST)]


def test_a_message_goes_out_while_the_other_region_is_dead(world: ActionWorld) -> None:
    outage = world.lost(EAST)
    publish = _publish(world)
    assert publish.action.perform(publish.params, ONCE)["message_id"]
    assert not outage.hits


def test_an_unanswered_send_is_unknown_is_not_sent_again_and_nobody_can_confirm_it(world: ActionWorld) -> None:
    world.struck(LostReply("sns", "Publish"))
    before = len(_sent(world))
    publish = _publish(world)
    with pytest.raises(OutcomeUnknown) as unsure:
        publish.action.perform(publish.params, ONCE)
    assert unsure.value.sent
    assert len(_sent(world)) == before + 1
    assert publish.action.confirm(publish.params, ONCE) is None


def test_a_send_that_was_throttled_is_surely_not_sent_and_tried_once_only(world: ActionWorld) -> None:
    throttle = world.struck(Throttle("sns", "Publish", rate=1.0))
    before = len(_sent(world))
    publish = _publish(world)
    with pytest.raises(Throttled) as refused:
        publish.action.perform(publish.params, ONCE)
    assert not refused.value.sent
    assert throttle.hits == {"sns:Publish": 1}
    assert len(_sent(world)) == before


def test_confirming_asks_nobody(world: ActionWorld) -> None:
    publish, mark = _publish(world), world.mark
    assert publish.action.confirm(publish.params, ONCE) is None
    assert world.since(mark) == []


def test_a_topic_that_does_not_exist_is_not_found(world: ActionWorld) -> None:
    publish = _publish(world, topic="arn:aws:sns:us-west-2:111122223333:no-such-topic")
    with pytest.raises(NotFound):
        publish.action.perform(publish.params, ONCE)
