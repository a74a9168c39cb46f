"""WorkSpaces by botocore's model and the Administration Guide, "Manage the running mode" (quoted where it decides)."""

from __future__ import annotations

from typing import Any

import botocore.session
import pytest
from moto import mock_aws
from moto.workspaces.models import WorkSpacesBackend, workspaces_backends

from drills.simulator.aws.workspaces.desktop import start_takes
from drills.simulator.aws.workspaces.install import install
from drills.simulator.aws.workspaces.operations import OPERATIONS
from drills.simulator.ledger import LEDGER, Mark

EAST, WEST = "us-east-1", "us-west-2"
NOBODYS = "ws-00000000"
MODEL = botocore.session.get_session().get_service_model("workspaces")


def enumerated(shape: str) -> set[str]:
    return set(MODEL.shape_for(shape).enum)


def test_a_stopped_desktop_is_starting_and_then_available_in_under_ninety_seconds(desks: Any) -> None:
    # "it resumes … typically in under 90 seconds"
    (desktop,) = desks.made("ada")
    assert desks.state(desktop) == "STOPPED"
    assert desks.start(desktop) == []
    seen = []
    for _ in range(91):
        seen.append(desks.state(desktop))
        desks.wait(1)
    assert list(dict.fromkeys(seen)) == ["STARTING", "AVAILABLE"]
    assert 45 <= seen.count("STARTING") <= 90


def test_desktops_take_their_own_time_and_the_same_each_time() -> None:
    takes = {user: start_takes(user) for user in map(str, range(50))}
    assert len(set(takes.values())) > 20
    assert takes == {user: start_takes(user) for user in takes}


def test_what_fails_for_one_desktop_is_told_inside_the_200_and_holds_up_no_other(desks: Any) -> None:
    # botocore, StartWorkspaces: no errors of its own; FailedWorkspaceChangeRequest
    good, kept = *desks.made("ada"), *desks.made("grace", mode="ALWAYS_ON")
    running = desks.made("alan")[0]
    desks.start(running)
    desks.wait(100)
    failed = desks.start(NOBODYS, good, kept, running)
    assert [each["WorkspaceId"] for each in failed] == [NOBODYS, kept, running]
    assert len({each["ErrorCode"] for each in failed}) == 3
    assert all(each["ErrorMessage"] for each in failed)
    assert (desks.state(good), desks.state(kept), desks.state(running)) == ("STARTING", "AVAILABLE", "AVAILABLE")


@pytest.mark.parametrize("operation", ["start_workspaces", "stop_workspaces"])
def test_more_than_twenty_five_in_a_request_are_refused_whole(desks: Any, operation: str) -> None:
    # botocore: StartWorkspaceRequests and StopWorkspaceRequests have 1 to 25 members
    (desktop,) = desks.made("ada")
    name = "StartWorkspaceRequests" if operation.startswith("start") else "StopWorkspaceRequests"
    few = [{"WorkspaceId": desktop}, *[{"WorkspaceId": f"ws-{number:09}"} for number in range(25)]]
    desks.refused("ValidationException", getattr(desks.east, operation), **{name: few})
    assert desks.state(desktop) == "STOPPED"
    desks.wait(1)
    assert len(getattr(desks.east, operation)(**{name: few[1:]})["FailedRequests"]) == 25


def test_a_desktop_is_stopped_where_it_runs_in_auto_stop_mode_only(desks: Any) -> None:
    # botocore, StopWorkspaces: AutoStop or Manual, and AVAILABLE, IMPAIRED, UNHEALTHY or ERROR
    desktop, kept = *desks.made("ada"), *desks.made("grace", mode="ALWAYS_ON")
    assert [each["WorkspaceId"] for each in desks.stop(desktop, kept)] == [desktop, kept]
    desks.start(desktop)
    desks.wait(90)
    assert desks.stop(desktop) == []
    assert desks.state(desktop) == "STOPPING"
    assert [each["ErrorCode"] for each in desks.start(desktop)] == ["InvalidResourceState"]
    desks.wait(60)
    assert desks.state(desktop) == "STOPPED"


def test_an_auto_stop_desktop_stops_by_itself_an_hour_after_anybody_was_connected(desks: Any) -> None:
    # "stops automatically an hour after the WorkSpace is disconnected … several additional minutes"
    (desktop,) = desks.made("ada")
    desks.start(desktop)
    desks.wait(90 + 59 * 60)
    assert desks.state(desktop) == "AVAILABLE"
    desks.wait(3 * 60)
    assert desks.state(desktop) in ("STOPPING", "STOPPED")
    desks.wait(60)
    assert desks.state(desktop) == "STOPPED"


def test_one_that_is_kept_running_stays(desks: Any) -> None:
    (desktop,) = desks.made("ada")
    desks.start(desktop)
    desks.wait(90)
    desks.east.modify_workspace_properties(WorkspaceId=desktop, WorkspaceProperties={"RunningMode": "ALWAYS_ON"})
    assert desks.mode(desktop) == {"RunningMode": "ALWAYS_ON"}
    desks.wait(86400)
    assert desks.state(desktop) == "AVAILABLE"


def test_running_modes_are_switched_at_any_time_and_the_hour_counts_anew(desks: Any) -> None:
    # "You can switch between running modes at any time."
    (desktop,) = desks.made("ada", mode="ALWAYS_ON")
    for mode in ("AUTO_STOP", "ALWAYS_ON", "AUTO_STOP"):
        desks.wait(1)
        desks.east.modify_workspace_properties(WorkspaceId=desktop, WorkspaceProperties={"RunningMode": mode})
    assert desks.mode(desktop) == {"RunningMode": "AUTO_STOP", "RunningModeAutoStopTimeoutInMinutes": 60}
    desks.wait(3599)
    assert desks.state(desktop) == "AVAILABLE"
    desks.wait(61)
    assert desks.state(desktop) == "STOPPED"


def test_an_auto_stop_time_goes_in_whole_hours_and_with_auto_stop_alone(desks: Any) -> None:
    # botocore says of it that it is configured in 60-minute intervals
    (desktop,) = desks.made("ada")
    for wrong in (
        {"RunningModeAutoStopTimeoutInMinutes": 90},
        {"RunningModeAutoStopTimeoutInMinutes": 0},
        {"RunningMode": "ALWAYS_ON", "RunningModeAutoStopTimeoutInMinutes": 60},
        {"RunningMode": "MANUAL"},
        {},
    ):
        desks.refused(
            "InvalidParameterValuesException", desks.east.modify_workspace_properties,
            WorkspaceId=desktop, WorkspaceProperties=wrong,
        )  # fmt: skip
        desks.wait(1)
    desks.east.modify_workspace_properties(
        WorkspaceId=desktop, WorkspaceProperties={"RunningModeAutoStopTimeoutInMinutes": 120}
    )
    assert desks.mode(desktop)["RunningModeAutoStopTimeoutInMinutes"] == 120


def test_a_mode_is_not_switched_while_the_state_changes_and_not_of_nobodys_desktop(desks: Any) -> None:
    # botocore, ModifyWorkspaceProperties: InvalidResourceStateException, ResourceNotFoundException (with ResourceId)
    (desktop,) = desks.made("ada")
    desks.start(desktop)
    wanted = {"WorkspaceProperties": {"RunningMode": "ALWAYS_ON"}}
    modify = desks.east.modify_workspace_properties
    answer = desks.refused("InvalidResourceStateException", modify, WorkspaceId=desktop, **wanted)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert desks.refused("ResourceNotFoundException", modify, WorkspaceId=NOBODYS, **wanted)["ResourceId"] == NOBODYS


def test_desktops_are_described_by_one_filter_in_pages_of_twenty_five(desks: Any) -> None:
    # botocore, DescribeWorkspaces: "You cannot combine this parameter with any other filter."; Limit 1 to 25
    ids = desks.made(*(f"user{number:02}" for number in range(30)))
    pages = list(desks.east.get_paginator("describe_workspaces").paginate(DirectoryId="d-90670a1b2c"))
    assert [len(page["Workspaces"]) for page in pages] == [25, 5]
    assert [each["WorkspaceId"] for page in pages for each in page["Workspaces"]] == ids
    desks.wait(10)
    described = desks.east.describe_workspaces(DirectoryId="d-90670a1b2c", UserName="USER07")["Workspaces"]
    assert [each["UserName"] for each in described] == ["user07"]
    desks.wait(10)
    both = {"DirectoryId": "d-90670a1b2c", "BundleId": "wsb-12345678"}
    desks.refused("InvalidParameterValuesException", desks.east.describe_workspaces, **both)
    assert desks.east.describe_workspaces(WorkspaceIds=[NOBODYS])["Workspaces"] == []


def test_a_desktop_is_made_in_a_registered_directory_once_for_each_user(desks: Any) -> None:
    # botocore, FailedCreateWorkspaceRequest; it is PENDING first ("This operation is asynchronous")
    def make(user: str, directory: str = "d-90670a1b2c") -> Any:
        one = {"DirectoryId": directory, "BundleId": "wsb-12345678", "UserName": user}
        desks.wait(1)
        return desks.east.create_workspaces(Workspaces=[one])

    (pending,) = make("ada")["PendingRequests"]
    assert (pending["State"], pending["WorkspaceProperties"]) == ("PENDING", {"RunningMode": "ALWAYS_ON"})
    assert [each["ErrorCode"] for each in desks.start(pending["WorkspaceId"])] == ["OperationNotSupported"]
    (again,) = make("ADA")["FailedRequests"]
    (elsewhere,) = make("grace", "d-ffffffffff")["FailedRequests"]
    assert (again["ErrorCode"], elsewhere["ErrorCode"]) == ("ResourceExists.WorkSpace", "ResourceNotFound.Directory")
    assert elsewhere["WorkspaceRequest"]["UserName"] == "grace"
    desks.wait(20 * 60)
    assert desks.state(pending["WorkspaceId"]) == "AVAILABLE"


def test_a_desktop_belongs_to_its_region(desks: Any) -> None:
    (desktop,) = desks.made("ada")
    assert desks.west.describe_workspaces()["Workspaces"] == []
    (failed,) = desks.west.start_workspaces(StartWorkspaceRequests=[{"WorkspaceId": desktop}])["FailedRequests"]
    assert failed["WorkspaceId"] == desktop


def test_two_calls_a_second_of_each_operation_are_answered(desks: Any) -> None:
    (desktop,) = desks.made("ada")
    for _ in range(2):
        desks.east.describe_workspaces()
    desks.refused("ThrottlingException", desks.east.describe_workspaces)
    desks.west.describe_workspaces()
    desks.start(desktop)
    desks.wait(0.5)
    desks.east.describe_workspaces()
    desks.refused("ThrottlingException", desks.east.describe_workspaces)


def test_what_has_no_rules_is_refused_aloud(desks: Any) -> None:
    (desktop,) = desks.made("ada")
    with pytest.raises(NotImplementedError, match="reboot_workspaces"):
        desks.east.reboot_workspaces(RebootWorkspaceRequests=[{"WorkspaceId": desktop}])
    with pytest.raises(NotImplementedError, match="ComputeTypeName"):
        desks.east.modify_workspace_properties(WorkspaceId=desktop, WorkspaceProperties={"ComputeTypeName": "STANDARD"})


def test_what_moto_has_rules_for_is_answered_by_moto_about_the_same_desktops(desks: Any) -> None:
    kept, ended = desks.made("ada", "grace")
    desks.east.create_tags(ResourceId=kept, Tags=[{"Key": "team", "Value": "voice"}])
    assert desks.east.describe_tags(ResourceId=kept)["TagList"] == [{"Key": "team", "Value": "voice"}]
    desks.east.terminate_workspaces(TerminateWorkspaceRequests=[{"WorkspaceId": ended}])
    assert [each["WorkspaceId"] for each in desks.east.describe_workspaces()["Workspaces"]] == [kept]


def test_a_directory_that_moto_registered_takes_desktops_and_one_of_the_company_is_shown_by_moto(desks: Any) -> None:
    desks.register()
    theirs = desks.east.describe_workspace_directories()["Directories"]
    assert {each["DirectoryId"] for each in theirs} == {"d-90670a1b2c", desks.registered}
    assert {each["State"] for each in theirs} == {"REGISTERED"}
    one = {"DirectoryId": desks.registered, "BundleId": "wsb-12345678", "UserName": "ada"}
    (pending,) = desks.east.create_workspaces(Workspaces=[one])["PendingRequests"]
    assert pending["State"] == "PENDING"
    desks.wait(1)
    for directory in (desks.registered, "d-90670a1b2c"):
        desks.east.deregister_workspace_directory(DirectoryId=directory)
    (failed,) = desks.east.create_workspaces(Workspaces=[{**one, "UserName": "grace"}])["FailedRequests"]
    assert failed["ErrorCode"] == "ResourceNotFound.Directory"


def test_what_is_asked_for_at_creation_is_kept_and_an_auto_stop_time_checked(desks: Any) -> None:
    def make(user: str, directory: str = "d-90670a1b2c", **properties: Any) -> Any:
        one = {"DirectoryId": directory, "BundleId": "wsb-12345678", "UserName": user}
        desks.wait(1)
        return desks.east.create_workspaces(Workspaces=[{**one, "WorkspaceProperties": properties}])

    (made,) = make("ada", RunningMode="AUTO_STOP", ComputeTypeName="STANDARD")["PendingRequests"]
    assert made["WorkspaceProperties"] == {
        "RunningMode": "AUTO_STOP", "RunningModeAutoStopTimeoutInMinutes": 60, "ComputeTypeName": "STANDARD",
    }  # fmt: skip
    odd = {"RunningModeAutoStopTimeoutInMinutes": 90}
    (failed,) = make("grace", RunningMode="ALWAYS_ON", **odd)["FailedRequests"]
    assert failed["ErrorCode"].startswith("AutoStopTimeout")
    desks.refused("InvalidParameterValuesException", make, user="grace", RunningMode="AUTO_STOP", **odd)
    desks.refused("ValidationException", make, user="grace", directory="d-of-nobody")


def test_a_malformed_request_makes_none_of_its_desktops(desks: Any) -> None:
    one = {"DirectoryId": "d-90670a1b2c", "BundleId": "wsb-12345678", "UserName": "ada"}
    both = [one, {**one, "UserName": "grace", "DirectoryId": "d-of-nobody"}]
    desks.refused("ValidationException", desks.east.create_workspaces, Workspaces=both)
    assert desks.east.describe_workspaces()["Workspaces"] == []


def test_where_no_cloud_founded_the_account_moto_answers_what_it_can_and_we_the_rest(library: Any) -> None:
    # moto: several desktops of one user, available at once, no more than asked for, and never throttled
    ids = library.made("ada", "ada")
    for _ in range(10):
        states = [each["State"] for each in library.east.describe_workspaces()["Workspaces"]]
    assert states == ["AVAILABLE", "AVAILABLE"]
    assert library.stop(*ids) == []
    library.wait(60)
    assert library.state(ids[0]) == "STOPPED"
    assert library.start(ids[0]) == []
    library.wait(90)
    assert (library.state(ids[0]), library.state(ids[1])) == ("AVAILABLE", "STOPPED")
    library.wait(3600)
    assert library.state(ids[0]) == "STOPPING"


def test_installing_after_motos_own_was_used_is_refused(desks: Any) -> None:
    install()
    assert desks.made("ada")
    workspaces_backends.backend = WorkSpacesBackend
    try:
        mock_aws().reset()
        desks.west.describe_workspaces()
        with pytest.raises(RuntimeError, match="before the first WorkSpaces call"):
            install()
    finally:
        mock_aws().reset()
        install()


def test_every_state_and_mode_is_one_of_the_service(desks: Any) -> None:
    (desktop,) = desks.made("ada")
    desks.start(desktop)
    for _ in range(90):
        assert desks.state(desktop) in enumerated("WorkspaceState")
        assert desks.mode(desktop)["RunningMode"] in enumerated("RunningMode")
        desks.wait(60)


def test_the_ledger_lists_exactly_what_is_simulated() -> None:
    simulated = {
        name
        for (service, name), entry in LEDGER.items()
        if service == "workspaces" and entry.mark is not Mark.LIVE_ONLY
    }
    assert simulated == set(OPERATIONS)
    for name, operation in OPERATIONS.items():
        assert operation.heeds <= set(MODEL.operation_model(name).input_shape.members)
