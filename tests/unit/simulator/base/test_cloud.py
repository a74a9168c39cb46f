from __future__ import annotations

import asyncio
import os
import random  # noqa: TID251 - the process's generator is what is looked at
import subprocess
import sys
import uuid
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from drills.simulator.clock import PowerCut
from drills.simulator.cloud import ACCOUNT, START, SimulatedCloud
from orchestrator.model.errors import RegionUnreachable

if TYPE_CHECKING:
    from pathlib import Path

# What a process of its own prints: ids, names drawn, times, and the whole call log.
PROGRAM = """
import asyncio, pathlib, random, sys, uuid
from drills.simulator.cloud import SimulatedCloud

with SimulatedCloud(int(sys.argv[1]), settings_dir=pathlib.Path()) as cloud:
    client = cloud.door.client

    def work(number):
        region = ("us-east-1", "us-west-2")[number % 2]
        print(client("sns", region).create_topic(Name=f"topic-{number}")["ResponseMetadata"]["RequestId"])
        print(client("route53", region).create_hosted_zone(Name=f"z{number}.example.org", CallerReference=str(number)))
        print(client("connect", region).create_instance(
            IdentityManagementType="CONNECT_MANAGED", InstanceAlias=f"centre-{number}",
            InboundCallsEnabled=True, OutboundCallsEnabled=False))
        print(uuid.uuid4(), random.random())

    async def main():
        await asyncio.gather(*(cloud.calls.run(lambda n=n: work(n)) for n in range(6)))

    cloud.run(main)
    print(*cloud.network.log, cloud.clock.now(), sep="\\n")
"""


@cache
def output(seed: int, hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    told = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", PROGRAM, str(seed)], env=environment, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    return told.stdout


def test_equal_seeds_give_equal_ids_and_logs_in_two_processes() -> None:
    first = output(7, "1")
    assert first == output(7, "2")
    assert first.count("outcome='ok'") == 18


def test_another_seed_gives_other_ids_and_other_times() -> None:
    assert output(7, "1").splitlines()[0] != output(8, "1").splitlines()[0]
    assert output(7, "1").splitlines()[-1] != output(8, "1").splitlines()[-1]


def test_equal_seeds_give_equal_clouds_one_after_the_other_in_one_process(tmp_path: Path) -> None:
    def ids() -> tuple[str, str, float]:
        with SimulatedCloud(7, settings_dir=tmp_path) as cloud:
            made = cloud.door.client("route53", "us-east-1").create_hosted_zone(Name="example.org", CallerReference="1")
            return made["HostedZone"]["Id"], str(uuid.uuid4()), cloud.clock.elapsed_s  # noqa: TID251 - as libraries draw

    assert ids() == ids()


def test_everything_belongs_to_the_one_account_and_begins_at_the_start(cloud: SimulatedCloud) -> None:
    identity = cloud.door.client("sts", "us-west-2").get_caller_identity()
    assert identity["Account"] == ACCOUNT
    assert START < cloud.clock.now() < START + timedelta(seconds=1)


def test_the_door_and_the_resolver_speak_to_the_simulation(cloud: SimulatedCloud) -> None:
    async def main() -> int:
        topics = await cloud.calls.run(lambda: cloud.door.client("sns", "us-west-2").list_topics())
        return len(topics["Topics"])

    assert cloud.run(main) == 0
    assert [call.outcome for call in cloud.door.made] == ["ok"]


def test_the_door_sorts_an_outage_as_unreachable(cloud: SimulatedCloud) -> None:
    cloud.lose("us-east-1", START)
    for service, method in (("sns", "list_topics"), ("dynamodb", "list_tables"), ("lambda", "list_functions")):
        with pytest.raises(RegionUnreachable):
            getattr(cloud.door.client(service, "us-east-1"), method)()


def test_a_region_may_be_lost_during_a_run(cloud: SimulatedCloud) -> None:
    async def main() -> list[bool]:
        cloud.lose("us-east-1", cloud.clock.now() + timedelta(seconds=5), cloud.clock.now() + timedelta(seconds=9))
        seen = []
        for _ in range(3):
            seen.append(cloud.network.down("us-east-1"))
            await asyncio.sleep(5)
        return seen

    assert cloud.run(main) == [False, True, False]


def test_after_a_power_cut_the_cloud_is_as_the_dead_process_left_it(cloud: SimulatedCloud) -> None:
    client = cloud.door.client("sns", "us-west-2")

    def work() -> None:
        client.create_topic(Name="before")
        cloud.clock.pause(10)
        client.create_topic(Name="after")

    async def killed() -> None:
        step = asyncio.create_task(cloud.calls.run(work))
        await asyncio.sleep(5)
        assert not step.done()
        raise PowerCut

    async def restarted() -> list[str]:
        await asyncio.sleep(60)
        found = await cloud.calls.run(client.list_topics)
        return [topic["TopicArn"].rpartition(":")[2] for topic in found["Topics"]]

    with pytest.raises(PowerCut):
        cloud.run(killed)
    assert cloud.run(restarted) == ["before"]


def test_nothing_of_this_machines_configuration_reaches_it_and_everything_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://192.0.2.1/")
    before = dict(os.environ), random.getstate(), uuid.uuid4  # noqa: TID251 - looked at, not drawn
    with SimulatedCloud(7, settings_dir=tmp_path) as cloud:
        cloud.door.client("sns", "us-west-2").list_topics()
        assert "AWS_PROFILE" not in os.environ
        assert cloud.door.settings_dir == tmp_path
    assert before == (dict(os.environ), random.getstate(), uuid.uuid4)  # noqa: TID251 - as above


def test_an_empty_cloud_follows_a_full_one(tmp_path: Path) -> None:
    for _ in range(2):
        with SimulatedCloud(7, settings_dir=tmp_path) as cloud:
            client = cloud.door.client("sns", "us-west-2")
            assert client.list_topics()["Topics"] == []
            client.create_topic(Name="left-behind")


def test_building_is_neither_timed_nor_throttled_nor_logged(cloud: SimulatedCloud) -> None:
    client = cloud.door.client("connect", "us-east-1")
    with cloud.building():
        for _ in range(30):  # five at once and two a second is what Connect admits
            client.list_instances()
    assert (cloud.clock.elapsed_s, cloud.network.log) == (0.0, [])


def test_what_is_done_beforehand_is_the_same_for_every_seed_and_leaves_nothing_but_state(tmp_path: Path) -> None:
    def told(seed: int) -> tuple[Any, ...]:
        with SimulatedCloud(seed, settings_dir=tmp_path) as cloud:
            client = cloud.door.client("sns", "us-west-2")
            with cloud.beforehand():
                made = client.create_topic(Name="topic")["ResponseMetadata"]["RequestId"]
                drawn = cloud.chance.identity("name"), uuid.uuid4(), random.getrandbits(32)  # noqa: TID251 - as libraries
                waits_s = [cloud.door.pace.reserve("connect", "ListUsers", "us-west-2") for _ in range(20)]
            assert waits_s[-1] > 1
            left = cloud.chance.seed, cloud.network.log, cloud.door.made
            assert left == (seed, [], [])
            assert cloud.door.pace.reserve("connect", "ListUsers", "us-west-2") == 0
            assert len(client.list_topics()["Topics"]) == 1
            return made, drawn, cloud.network.log[0].at - START, str(uuid.uuid4())  # noqa: TID251 - as libraries draw

    seven, eight = told(7), told(8)
    assert seven[:2] == eight[:2]
    assert seven[2] != eight[2]
    assert seven[3] != eight[3]


@pytest.mark.parametrize("notice", [timedelta(), timedelta(minutes=1)])
def test_what_was_mirrored_before_the_loss_stays_mirrored(cloud: SimulatedCloud, notice: timedelta) -> None:
    with cloud.building():
        east, west = (cloud.door.client("connect", region) for region in ("us-east-1", "us-west-2"))
        made = east.create_instance(
            IdentityManagementType="SAML",
            InstanceAlias="centre",
            InboundCallsEnabled=True,
            OutboundCallsEnabled=True,
        )
        cloud.clock.pause(3600)
        east.replicate_instance(InstanceId=made["Id"], ReplicaRegion="us-west-2", ReplicaAlias="centre-west")
        cloud.clock.pause(24 * 3600)
        config = {"StartTime": {"Hours": 0, "Minutes": 0}, "EndTime": {"Hours": 23, "Minutes": 59}}
        hours = east.create_hours_of_operation(
            InstanceId=made["Id"], Name="always", TimeZone="UTC", Config=[{"Day": "MONDAY", **config}]
        )
        queue = east.create_queue(
            InstanceId=made["Id"], Name="support", HoursOfOperationId=hours["HoursOfOperationId"], MaxContacts=40
        )

    async def main() -> int:
        await asyncio.sleep(300)  # far more than the lag of mirroring, and nobody has looked
        cloud.lose("us-east-1", cloud.clock.now() + notice)
        await asyncio.sleep(120)
        with cloud.building():
            shown = west.describe_queue(InstanceId=made["Id"], QueueId=queue["QueueId"])
        return int(shown["Queue"]["MaxContacts"])

    assert cloud.run(main) == 40
