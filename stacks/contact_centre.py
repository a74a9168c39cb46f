"""The contact centre itself: a Connect instance and everything in it that AWS mirrors, where there is a replica.

Under Global Resiliency the source side alone declares this; where instances are independent, each side does.
Replication, traffic distribution groups and traffic shares are no resources of Pulumi's AWS provider: the runbook
prepare-standby makes them, and runbooks alone move traffic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws

from stacks import flow, names
from stacks.agents import Agents

if TYPE_CHECKING:
    from stacks.settings import CentreSettings, LineSettings

_DAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_HOURS = "always"


class ContactCentre(pulumi.ComponentResource):
    """Instance, hours, queues, agents, numbers, main flow."""

    def __init__(
        self, application: str, *, settings: CentreSettings, account: pulumi.Input[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("contact-centre:stacks:ContactCentre", "contact-centre", None, opts)
        self._within = pulumi.ResourceOptions(parent=self)
        self._settings = settings
        self.instance = self._instance()
        self.instance_id: pulumi.Input[str] = self.instance.id
        self.hours = {_HOURS: self._hours()}
        self.queues = {queue.name: self._queue(queue.name, queue.max_contacts) for queue in settings.queues}
        # Each routing profile must name a queue for calls out: where there is none, nobody can be an agent.
        groups = settings.agent_groups if self.queues else ()
        self.agents = Agents(self.instance.id, groups=groups, queues=self.queues, opts=self._within)
        self.numbers = {line.name: self._numbers(line) for line in settings.lines}
        self.flows = {names.MAIN_FLOW: self._main_flow(application, account)}
        self._attach()
        self.register_outputs({})

    def described(self) -> dict[str, Any]:
        """The Connect part of the inventory, as the source side knows it; traffic groups come with the standby."""
        return {
            "instance_id": self.instance.id,
            "instance_arn": self.instance.arn,
            "sign_in_url": f"https://{self._settings.instance_alias}.my.connect.aws/",
            "queues": {
                name: {
                    "id": queue.queue_id,
                    "max_contacts": queue.max_contacts,
                    "hours_id": queue.hours_of_operation_id,
                }
                for name, queue in self.queues.items()
            },
            "hours": {name: hours.hours_of_operation_id for name, hours in self.hours.items()},
            "flows": {name: flow.contact_flow_id for name, flow in self.flows.items()},
            "numbers": [
                {"id": number.id, "arn": number.arn, "purpose": line.name, "priority": line.priority}
                for line in self._settings.lines
                for number in self.numbers[line.name]
            ],
            **self.agents.described(),
        }

    def _guarded(self, *ignored: str) -> pulumi.ResourceOptions:
        """What cannot be had back once deleted: the instance's alias, a number (180 days of cooling)."""
        return pulumi.ResourceOptions.merge(
            self._within, pulumi.ResourceOptions(protect=True, ignore_changes=list(ignored))
        )

    def _instance(self) -> aws.connect.Instance:
        return aws.connect.Instance(
            "instance",
            instance_alias=self._settings.instance_alias,
            # ReplicateInstance takes no other; and agents of two instances sign in to either one as themselves.
            identity_management_type="SAML",
            inbound_calls_enabled=True,
            outbound_calls_enabled=True,
            opts=self._guarded(),
        )

    def _hours(self) -> aws.connect.HoursOfOperation:
        return aws.connect.HoursOfOperation(
            _HOURS,
            name=_HOURS,
            description="Round the clock",
            instance_id=self.instance.id,
            time_zone="Etc/UTC",
            configs=[
                {
                    "day": day,
                    "start_time": {"hours": 0, "minutes": 0},
                    "end_time": {"hours": 23, "minutes": 59},
                }
                for day in _DAYS
            ],
            opts=self._within,
        )

    def _queue(self, name: str, max_contacts: int | None) -> aws.connect.Queue:
        return aws.connect.Queue(
            name,
            name=name,
            description=f"Callers for {name}",
            instance_id=self.instance.id,
            hours_of_operation_id=self.hours[_HOURS].hours_of_operation_id,
            max_contacts=max_contacts,
            opts=self._within,
        )

    def _numbers(self, line: LineSettings) -> list[aws.connect.PhoneNumber]:
        return [
            aws.connect.PhoneNumber(
                f"{line.name}-{number}",
                description=f"{line.name}, number {number}",
                country_code=self._settings.number_country,
                type=self._settings.number_type,
                target_arn=self.instance.arn,
                # `prepare-standby` re-targets the number to the traffic distribution group, once and for all.
                opts=self._guarded("target_arn"),
            )
            for number in range(1, line.numbers + 1)
        ]

    def _main_flow(self, application: str, account: pulumi.Input[str]) -> aws.connect.ContactFlow:
        lines = pulumi.Output.all(*(self._line(line) for line in self._settings.lines))
        content = pulumi.Output.all(lines, account).apply(
            lambda known: flow.content(
                [flow.Line(**line) for line in known[0]],
                account=known[1],
                function_name=names.function_name(application),
            )
        )
        return aws.connect.ContactFlow(
            names.MAIN_FLOW,
            name=names.MAIN_FLOW,
            description="Where every number arrives",
            instance_id=self.instance.id,
            type="CONTACT_FLOW",
            content=content,
            opts=self._within,
        )

    def _line(self, line: LineSettings) -> dict[str, Any]:
        queue = self.queues.get(line.queue)
        return {
            "name": line.name,
            "dialled": [number.phone_number for number in self.numbers[line.name]],
            "queue_id": queue.queue_id if queue else None,
        }

    def _attach(self) -> None:
        for line, numbers in self.numbers.items():
            for index, number in enumerate(numbers, start=1):
                aws.connect.PhoneNumberContactFlowAssociation(
                    f"{line}-{index}",
                    phone_number_id=number.id,
                    instance_id=self.instance.id,
                    contact_flow_id=self.flows[names.MAIN_FLOW].contact_flow_id,
                    opts=self._within,
                )
