"""What the contact centre declares: calendars, queues and where callers are handed on, profiles, flows, bots."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from drills.simulator.provisioners.request import Unprovisionable
from stacks.calendars import DAYS
from stacks.security import PROFILES, STAND_IN, SUPERVISOR

if TYPE_CHECKING:
    from drills.simulator.provisioners.request import Declared

LISTED = {"bot_id": "ABCDEFGHIJ", "alias_id": "TSTALIASID"}


def position(graph: tuple[Declared, ...], kind: str, name: str) -> int:
    return next(place for place, each in enumerate(graph) if (each.type.rpartition(":")[2], each.name) == (kind, name))


def opened(calendar: Declared) -> set[tuple[str, int, int]]:
    return {(each["day"], each["startTime"]["hours"], each["endTime"]["hours"]) for each in calendar.inputs["configs"]}


def test_there_is_a_calendar_for_all_hours_and_one_for_incidents(previews: Any) -> None:
    calendars = previews.of_type("primary", "HoursOfOperation")
    assert set(calendars) == {"always", "incident"}
    assert opened(calendars["always"]) == {(day, 0, 0) for day in DAYS}
    assert opened(calendars["incident"]) == {(day, 7, 22) for day in DAYS}
    assert calendars["incident"].inputs["timeZone"] == "America/New_York"


def test_a_queue_keeps_the_calendar_that_it_names(previews: Any) -> None:
    office = {"office": {"open": ["MONDAY-FRIDAY 08:00-20:00", "SATURDAY 09:00-14:00"], "time_zone": "Europe/Berlin"}}
    overrides = {"hours": office, "queues": {"general": {"hours": "office"}}}
    calendar = previews.of_type("primary", "HoursOfOperation", **overrides)["office"]
    assert opened(calendar) == {*((day, 8, 20) for day in DAYS[:5]), ("SATURDAY", 9, 14)}
    (queue,) = previews.of_type("primary", "Queue", **overrides).values()
    assert calendar.urn in queue.dependencies


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        ({"queues": {"general": {"hours": "office"}}}, r"queues\.general\.hours: 'office' is none of always, incident"),
        (
            {"hours": {"x": {"open": ["MONDAY 20:00-08:00"]}}},
            r"hours\.x\.open: 'MONDAY 20:00-08:00' is not of the form",
        ),
        ({"hours": {"x": {"open": ["FRIDAY-MONDAY 08:00-20:00"]}}}, r"hours\.x\.open"),
        ({"hours": {"x": {"open": ["MONDAY 08:00-24:00"]}}}, r"hours\.x\.open"),
        ({"hours": {"x": {"open": ["MONTAG 08:00-20:00"]}}}, r"hours\.x\.open"),
        ({"hours": {"x": {"open": []}}}, r"hours\.x\.open: at least one window"),
        ({"hours": {"x": {}}}, r"hours\.x: open is missing"),
        ({"hours": {"x": {"open": ["MONDAY 08:00-20:00"], "time_zone": "Mars"}}}, r"time_zone: 'Mars' is no time zone"),
        ({"partners": {"bpo": {"number": "555-0142"}}}, r"partners\.bpo\.number: not in E\.164 form"),
        ({"partners": {"vip": {"number": "+12065550142"}}}, r"partners\.vip: a queue has this name"),
        ({"bots": {"reception": {"bot_id": "ABCDEFGHIJ"}}}, r"bots\.reception: alias_id is missing"),
    ],
)
def test_what_cannot_be_meant_is_refused(previews: Any, overrides: dict[str, Any], said: str) -> None:
    with pytest.raises(Unprovisionable, match=said):
        previews("primary", **overrides)


def test_all_faults_of_the_centre_are_told_at_once(previews: Any) -> None:
    with pytest.raises(Unprovisionable) as caught:
        previews("primary", hours={"x": {"open": ["y"], "time_zone": "Mars"}}, partners={"bpo": {"number": "1"}})
    assert all(said in str(caught.value) for said in ("hours.x.open", "hours.x.time_zone", "partners.bpo.number"))


def test_each_queue_has_a_quick_connect_and_offers_the_partner_and_the_queues_before_it(previews: Any) -> None:
    quick, queues = previews.of_type("primary", "QuickConnect"), previews.of_type("primary", "Queue")
    assert {name: each.inputs["quickConnectConfig"]["quickConnectType"] for name, each in quick.items()} == {
        "overflow-partner": "PHONE_NUMBER",
        "overflow": "QUEUE",
        "vip": "QUEUE",
        "general": "QUEUE",
    }
    urns = {each.urn: name for name, each in quick.items()}
    offered = {name: {urns[urn] for urn in queue.dependencies if urn in urns} for name, queue in queues.items()}
    assert offered == {
        "overflow": {"overflow-partner"},
        "vip": {"overflow-partner", "overflow"},
        "general": {"overflow-partner", "overflow", "vip"},
    }


def test_agents_reach_a_queue_by_a_flow_of_the_type_for_it(previews: Any) -> None:
    transfer = previews.of_type("primary", "ContactFlow")["transfer"]
    assert transfer.inputs["type"] == "QUEUE_TRANSFER"
    quick = previews.of_type("primary", "QuickConnect")
    assert {name for name, each in quick.items() if transfer.urn in each.dependencies} == {"overflow", "vip", "general"}


def test_the_partners_number_is_one_for_fiction(previews: Any) -> None:
    (config,) = previews.of_type("primary", "QuickConnect")["overflow-partner"].inputs["quickConnectConfig"][
        "phoneConfigs"
    ]
    assert config["phoneNumber"].startswith("+120655501")


def test_without_overflow_and_partners_there_are_queues_all_the_same(previews: Any) -> None:
    overrides = {"overflow_queue": "", "partners": {}}
    assert set(previews.of_type("primary", "Queue", **overrides)) == {"vip", "general", "overflow"}
    assert set(previews.of_type("primary", "QuickConnect", **overrides)) == {"vip", "general", "overflow"}


def test_stand_ins_may_do_less_than_agents_and_nobody_may_change_what_is_configured(previews: Any) -> None:
    declared = {
        name: set(each.inputs["permissions"]) for name, each in previews.of_type("primary", "SecurityProfile").items()
    }
    assert declared == {name: set(profile.permissions) for name, profile in PROFILES.items()}
    assert declared[STAND_IN] < declared["agent"]
    assert declared[STAND_IN] < declared[SUPERVISOR]
    assert "OutboundCallAccess" not in declared[STAND_IN] | declared[SUPERVISOR]
    every = set().union(*declared.values())
    assert [each for each in every if each.endswith((".Create", ".Edit", ".Delete", ".EnableAndDisable"))] == []


def test_agents_have_the_agents_profile(previews: Any) -> None:
    profile = previews.of_type("primary", "SecurityProfile")["agent"]
    assert all(profile.urn in user.dependencies for user in previews.of_type("primary", "User").values())


def test_the_module_is_there_before_the_flow_that_invokes_it(previews: Any) -> None:
    graph = previews("primary")
    module = position(graph, "ContactFlowModule", "emergency-greeting")
    assert module < position(graph, "ContactFlow", "main")
    assert graph[module].urn in graph[position(graph, "ContactFlow", "main")].dependencies
    assert "$.AwsRegion" in graph[module].inputs["content"]


@pytest.mark.parametrize(("role", "region"), [("primary", "us-east-1"), ("standby", "us-west-2")])
def test_a_bot_is_associated_with_the_instance_of_its_own_region(previews: Any, role: str, region: str) -> None:
    assert previews.of_type(role, "Resource") == {}
    (bot,) = previews.of_type(role, "Resource", bots={"reception": LISTED}).values()
    assert bot.inputs["typeName"] == "AWS::Connect::IntegrationAssociation"
    if role == "standby":  # the primary's instance is not known before it is up
        wanted = json.loads(bot.inputs["desiredState"])
        assert wanted["IntegrationArn"] == f"arn:aws:lex:{region}:123456789012:bot-alias/ABCDEFGHIJ/TSTALIASID"
        assert wanted["InstanceId"].startswith(f"arn:aws:connect:{region}:123456789012:instance/")
        assert wanted["IntegrationType"] == "LEX_BOT"


def test_what_is_optional_need_not_be_configured(previews: Any) -> None:
    lean = {"hours": None, "partners": None, "overflow_queue": "", "queues": {"only": {}}}
    graph = previews("primary", **lean)
    assert {each.name for each in graph if each.type.endswith(":HoursOfOperation")} == {"always", "incident"}
