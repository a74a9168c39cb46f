"""Hours of operation: each queue's own, and those that it is switched to in an incident.

Switching a queue's hours is instant, and as instantly taken back; an override has the grain of a day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pulumi
import pulumi_aws as aws
from pulumi_aws.connect import HoursOfOperationConfigArgs as OpenOn
from pulumi_aws.connect import HoursOfOperationConfigEndTimeArgs as End
from pulumi_aws.connect import HoursOfOperationConfigStartTimeArgs as Start

from stacks.calendars import windows

if TYPE_CHECKING:
    from stacks.calendars import Window
    from stacks.settings import HoursSettings


class Calendars(pulumi.ComponentResource):
    """One calendar for each entry of the configuration."""

    def __init__(
        self,
        instance_id: pulumi.Input[str],
        *,
        calendars: tuple[HoursSettings, ...],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("contact-centre:stacks:Calendars", "calendars", None, opts)
        within = pulumi.ResourceOptions(parent=self)
        self.by_name = {
            each.name: aws.connect.HoursOfOperation(
                each.name,
                name=each.name,
                description=", ".join(each.open),
                instance_id=instance_id,
                time_zone=each.time_zone,
                configs=[_open_on(window) for window in windows(each)],
                opts=within,
            )
            for each in calendars
        }
        self.register_outputs({})

    def described(self) -> dict[str, pulumi.Output[str]]:
        """The inventory's table."""
        return {name: hours.hours_of_operation_id for name, hours in self.by_name.items()}


def _open_on(window: Window) -> OpenOn:
    (start, start_minutes), (end, end_minutes) = (map(int, at.split(":")) for at in (window.opens, window.closes))
    return OpenOn(
        day=window.day,
        start_time=Start(hours=start, minutes=start_minutes),
        end_time=End(hours=end, minutes=end_minutes),
    )
