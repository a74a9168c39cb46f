"""Queues, and the quick connects by which agents hand a caller on: to another queue, or to a partner outside.

A queue offers every partner and the queues declared before it: the overflow queue comes first, then the others in the
configuration's order, so that who stands first (VIP) can be handed callers by all behind. Both ways cannot be declared:
a queue would need a quick connect that needs the queue.

What is exported of a queue is what is declared: a refresh reads back the calendar that a runbook switched it to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pulumi
import pulumi_aws as aws
from pulumi_aws.connect import QuickConnectQuickConnectConfigArgs as Destination
from pulumi_aws.connect import QuickConnectQuickConnectConfigPhoneConfigArgs as ToNumber
from pulumi_aws.connect import QuickConnectQuickConnectConfigQueueConfigArgs as ToQueue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.settings import CentreSettings, PartnerSettings, QueueSettings


class Queues(pulumi.ComponentResource):
    """Queues by name, the overflow queue last; and quick connects by the name of where they lead."""

    def __init__(
        self,
        instance_id: pulumi.Input[str],
        *,
        settings: CentreSettings,
        hours: Mapping[str, pulumi.Output[str]],
        transfer_flow_id: pulumi.Input[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("contact-centre:stacks:Queues", "queues", None, opts)
        self._within = pulumi.ResourceOptions(parent=self)
        self._instance_id, self._hours, self._transfer_flow_id = instance_id, hours, transfer_flow_id
        self._settings = {queue.name: queue for queue in settings.queues}
        self.quick_connects = {partner.name: self._partner(partner) for partner in settings.partners}
        built = {}
        for queue in sorted(settings.queues, key=lambda each: each.name != settings.overflow_queue):
            built[queue.name] = self._queue(queue)
            self.quick_connects[queue.name] = self._to_queue(queue.name, built[queue.name])
        self.by_name = {name: built[name] for name in sorted(built, key=lambda name: name == settings.overflow_queue)}
        self.register_outputs({})

    def described(self) -> dict[str, Any]:
        """The inventory's tables of queues and quick connects."""
        return {
            "queues": {
                name: {
                    "id": queue.queue_id,
                    "max_contacts": self._settings[name].max_contacts,
                    "hours_id": self._hours[self._settings[name].hours],
                }
                for name, queue in self.by_name.items()
            },
            "quick_connects": {name: each.quick_connect_id for name, each in self.quick_connects.items()},
        }

    def _queue(self, queue: QueueSettings) -> aws.connect.Queue:
        return aws.connect.Queue(
            queue.name,
            name=queue.name,
            description=f"Callers for {queue.name}",
            instance_id=self._instance_id,
            hours_of_operation_id=self._hours[queue.hours],
            max_contacts=queue.max_contacts,
            quick_connect_ids=[each.quick_connect_id for each in self.quick_connects.values()] or None,
            # `connect.queue_hours` switches a queue to its incident calendar; an `up` must not switch it back.
            opts=pulumi.ResourceOptions.merge(
                self._within, pulumi.ResourceOptions(ignore_changes=["hours_of_operation_id"])
            ),
        )

    def _to_queue(self, name: str, queue: aws.connect.Queue) -> aws.connect.QuickConnect:
        to_queue = ToQueue(contact_flow_id=self._transfer_flow_id, queue_id=queue.queue_id)
        destination = Destination(quick_connect_type="QUEUE", queue_configs=[to_queue])
        return self._quick_connect(name, f"To the queue {name}", destination)

    def _partner(self, partner: PartnerSettings) -> aws.connect.QuickConnect:
        to_number = ToNumber(phone_number=partner.number)
        destination = Destination(quick_connect_type="PHONE_NUMBER", phone_configs=[to_number])
        return self._quick_connect(partner.name, f"To the partner {partner.name}", destination)

    def _quick_connect(self, name: str, description: str, destination: Destination) -> aws.connect.QuickConnect:
        return aws.connect.QuickConnect(
            name,
            name=name,
            description=description,
            instance_id=self._instance_id,
            quick_connect_config=destination,
            opts=self._within,
        )
