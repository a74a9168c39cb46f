"""What is served is the contact centre of the folder that `--config` names."""

from __future__ import annotations

from typing import Any


def test_an_example_is_served_instead_of_the_configured_centre(centre: Any, served: Any) -> None:
    with served(centre, "--config", "config/examples/five-person-desk") as cloud:
        connect = cloud.told("/inventory")["primary"]["connect"]
        groups = {name: len(group["user_ids"]) for name, group in connect["agent_groups"].items()}
        assert groups == {"desk": 5}
        (instance,) = cloud.client("connect", "us-east-1").list_instances()["InstanceSummaryList"]
        assert instance["InstanceAlias"] == "five-person-desk-example"
