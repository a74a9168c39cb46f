"""Builder of desktops."""

from __future__ import annotations

from drills.simulator.aws.workspaces.backend import enrol
from drills.simulator.provisioners.request import Built, Request, Unprovisionable


def workspace(request: Request) -> Built:
    """CreateWorkspaces.

    Simulated: the directory that the configuration names is registered, as the company did it long before; and the
    desktop is not waited for, for it was made long before too.

    Raises:
        Unprovisionable: the service refuses the desktop, which it does inside a 200.
    """
    directory, properties = request.take("directoryId"), request.take("workspaceProperties")
    enrol(request.account, request.region, directory)
    made = request.client("workspaces").create_workspaces(
        Workspaces=[
            {
                "DirectoryId": directory,
                "BundleId": request.take("bundleId"),
                "UserName": request.take("userName"),
                "WorkspaceProperties": {
                    "RunningMode": properties["runningMode"],
                    "RunningModeAutoStopTimeoutInMinutes": properties["runningModeAutoStopTimeoutInMinutes"],
                },
            }
        ]
    )
    for failed in made.get("FailedRequests") or ():
        raise Unprovisionable(
            f"AWS refuses {request.declared.urn}: {failed['ErrorCode']}: {failed['ErrorMessage']}",
            remedy="correct the stacks", urn=request.declared.urn,
        )  # fmt: skip
    (desktop,) = made["PendingRequests"]
    return Built(desktop["WorkspaceId"], {"state": desktop["State"]})
