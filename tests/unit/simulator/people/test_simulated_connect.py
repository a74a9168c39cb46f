"""The people in the whole simulated cloud: real API calls configure it, the stacks' own flow and function run in it."""

from __future__ import annotations

import asyncio
import importlib.util
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3

from drills.simulator.aws.connect.buckets import without_throttling
from drills.simulator.cloud import SimulatedCloud
from drills.simulator.people import People

EAST, WEST = "us-east-1", "us-west-2"
KEYS = {"aws_access_key_id": "simulated", "aws_secret_access_key": "simulated"}
SESSION = boto3.Session()
STACKS = Path(importlib.util.find_spec("stacks").submodule_search_locations[0])  # type: ignore[union-attr, index]


class Centre:
    """A replicated contact centre with `agents` agents and one number, ready to fail over to the west."""

    def __init__(self, cloud: SimulatedCloud, kit: Any, agents: int) -> None:
        self.cloud = cloud
        self._clients: dict[tuple[str, str], Any] = {}
        with cloud.network.building(), without_throttling():
            self._functions(kit)
            self._instance(agents)
            self._replica()
            self._number()

    def client(self, service: str, region: str) -> Any:
        if (service, region) not in self._clients:
            self._clients[service, region] = SESSION.client(service, region_name=region, **KEYS)
        return self._clients[service, region]

    def flag(self, region: str, value: str) -> None:
        item = {"flag": {"S": "emergency-greeting"}, "value": {"S": value}}
        self.client("dynamodb", region).put_item(TableName="flags", Item=item)

    def shift(self, to: str) -> None:
        away = EAST if to == WEST else WEST
        shares = {"Distributions": [{"Region": to, "Percentage": 100}, {"Region": away, "Percentage": 0}]}
        self.client("connect", to).update_traffic_distribution(
            Id=self.group, TelephonyConfig=shares, AgentConfig=shares
        )

    def contacts(self, region: str) -> list[Any]:
        span = {"Type": "INITIATION_TIMESTAMP", "StartTime": self.cloud.clock.start, "EndTime": self.cloud.clock.now()}
        asked = {"InstanceId": self.id, "TimeRange": span, "MaxResults": 100}
        with without_throttling():
            pages = self.client("connect", region).get_paginator("search_contacts").paginate(**asked)
            return [contact for page in pages for contact in page["Contacts"]]

    def _functions(self, kit: Any) -> None:
        trust = '{"Version": "2012-10-17", "Statement": []}'
        role = self.client("iam", EAST).create_role(RoleName="flags", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        code = kit.zipped(flags=(STACKS / "functions" / "flags.py").read_text())
        self.functions = {}
        for region in (EAST, WEST):
            self.client("dynamodb", region).create_table(
                TableName="flags",
                BillingMode="PAY_PER_REQUEST",
                KeySchema=[{"AttributeName": "flag", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "flag", "AttributeType": "S"}],
            )
            self.functions[region] = self.client("lambda", region).create_function(
                FunctionName="flags",
                Runtime="python3.13",
                Handler="flags.handler",
                Role=role,
                Timeout=3,
                Code={"ZipFile": code},
                Environment={"Variables": {"FLAGS_TABLE": "flags"}},
            )["FunctionArn"]

    def _instance(self, agents: int) -> None:
        connect = self.client("connect", EAST)
        made = connect.create_instance(
            IdentityManagementType="SAML", InstanceAlias="centre", InboundCallsEnabled=True, OutboundCallsEnabled=True
        )
        self.id, self.arn = made["Id"], made["Arn"]
        self.cloud.clock.advance(60)
        midnight = {"Hours": 0, "Minutes": 0}
        days = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
        always = [{"Day": day, "StartTime": midnight, "EndTime": midnight} for day in days]
        own = {"InstanceId": self.id}
        hours = connect.create_hours_of_operation(**own, Name="always", TimeZone="UTC", Config=always)
        queue = connect.create_queue(**own, Name="sales", HoursOfOperationId=hours["HoursOfOperationId"])["QueueId"]
        profile = connect.create_routing_profile(
            **own,
            Name="normal",
            Description="normal",
            DefaultOutboundQueueId=queue,
            QueueConfigs=[{"QueueReference": {"QueueId": queue, "Channel": "VOICE"}, "Priority": 1, "Delay": 0}],
            MediaConcurrencies=[{"Channel": "VOICE", "Concurrency": 1}],
        )["RoutingProfileId"]
        security = connect.create_security_profile(**own, SecurityProfileName="agents")["SecurityProfileId"]
        self.users = [
            connect.create_user(
                **own,
                Username=f"agent-{n}",
                IdentityInfo={"FirstName": "A", "LastName": str(n)},
                PhoneConfig={"PhoneType": "SOFT_PHONE"},
                SecurityProfileIds=[security],
                RoutingProfileId=profile,
            )["UserId"]
            for n in range(agents)
        ]
        from stacks import flow, greeting  # noqa: PLC0415 - brings Pulumi, which this module needs here only

        line = flow.Line("sales", (), queue)
        asks = greeting.content(account=self.cloud.account, function_name="flags")
        module = connect.create_contact_flow_module(**own, Name="greeting", Content=asks)["Id"]
        content = flow.content([line], greeting_id=module, overflow_id=None)
        connect.associate_lambda_function(**own, FunctionArn=self.functions[EAST])
        self.flow = connect.create_contact_flow(**own, Name="main", Type="CONTACT_FLOW", Content=content)[
            "ContactFlowId"
        ]

    def _replica(self) -> None:
        connect = self.client("connect", EAST)
        connect.replicate_instance(InstanceId=self.id, ReplicaRegion=WEST, ReplicaAlias="centre-west")
        self.cloud.clock.advance(600)
        made = connect.create_traffic_distribution_group(Name="main", InstanceId=self.id)
        self.group = made["Arn"]
        self.cloud.clock.advance(120)
        for user_id in self.users:
            connect.associate_traffic_distribution_group_user(
                TrafficDistributionGroupId=self.group, UserId=user_id, InstanceId=self.id
            )
        self.client("connect", WEST).associate_lambda_function(InstanceId=self.id, FunctionArn=self.functions[WEST])

    def _number(self) -> None:
        connect = self.client("connect", EAST)
        made = connect.claim_phone_number(TargetArn=self.group, PhoneNumber="+12065550142")
        self.cloud.clock.advance(60)
        for region in (EAST, WEST):
            self.client("connect", region).associate_phone_number_contact_flow(
                PhoneNumberId=made["PhoneNumberArn"], InstanceId=self.id, ContactFlowId=self.flow
            )


def at_work(cloud: SimulatedCloud) -> People:
    return People(cloud.calls, cloud.clock, cloud.chance, cloud.network, cloud.account, calls_per_minute=6)


def evacuate(cloud: SimulatedCloud, centre: Centre, minutes: float) -> People:
    """Ten good minutes, then the east dies; flag and shift follow ten minutes later, from the west."""
    people = at_work(cloud)
    cloud.lose(EAST, cloud.clock.now() + timedelta(minutes=10))

    async def day() -> None:
        people.start()
        await asyncio.sleep(20 * 60)
        await cloud.calls.run(lambda: centre.flag(WEST, "on"))
        await cloud.calls.run(lambda: centre.shift(WEST))
        await asyncio.sleep((minutes - 20) * 60)
        await people.stop()

    cloud.run(day)
    return people


def test_callers_and_agents_follow_an_evacuation_that_the_api_carried_out(kit: Any, tmp_path: Path) -> None:
    with SimulatedCloud(5, settings_dir=tmp_path) as cloud:
        centre = Centre(cloud, kit, agents=12)
        people = evacuate(cloud, centre, 30)
        east, west = people.tally.total(EAST), people.tally.total(WEST)
        found = centre.contacts(WEST)
        reads = [record for record in cloud.network.log if record.operation == "GetItem"]
    assert east.answered > 30
    assert east.emergency_greeted == 0
    assert east.lost > 30
    assert (west.agents, east.agents) == (12, 0)
    assert west.answered > 20
    assert west.emergency_greeted >= west.answered
    answered = [contact for contact in found if "AgentInfo" in contact]
    assert (len(found), len(answered)) == (west.offered, west.answered)
    # The stacks' own handler did read the table, each time in the Region that took the call.
    assert {record.region for record in reads} == {EAST, WEST}
    assert {record.outcome for record in reads} == {"ok"}
    assert cloud.network.faults[0].hits["caller"] == east.swallowed + east.cut_off
    assert cloud.network.unlisted == set()
    assert cloud.refused == []


def test_a_table_that_is_gone_costs_the_greeting_and_no_call(kit: Any, tmp_path: Path) -> None:
    with SimulatedCloud(5, settings_dir=tmp_path) as cloud:
        centre = Centre(cloud, kit, agents=12)
        centre.client("dynamodb", EAST).delete_table(TableName="flags")
        people = at_work(cloud)

        async def day() -> None:
            people.start()
            await asyncio.sleep(600)
            await people.stop()

        cloud.run(day)
        outcomes = {record.outcome for record in cloud.network.log if record.operation == "GetItem"}
    assert outcomes == {"ResourceNotFoundException"}
    assert people.tally.total(EAST).answered > 30
