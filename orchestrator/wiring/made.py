"""The calls that a run has made, as samples for its journal: how they are simulated, and which hosts they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestrator.cloud.regions import DNS, endpoint, services
from orchestrator.model.actions import Call
from orchestrator.model.events import Sample
from orchestrator.model.samples import Sampled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from orchestrator.cloud.door import CallMade


def marks_of(made: Iterable[CallMade], mark_of: Callable[[str, str], str]) -> Sample:
    """Every operation that was called, with its mark."""
    operations = sorted({(call.service, call.operation) for call in made})
    marks = {f"{service}:{operation}": mark_of(service, operation) for service, operation in operations}
    return Sample(Sampled.CALL_MARKS, {"marks": marks})


def endpoints_of(made: Iterable[CallMade]) -> Sample:
    """The hosts that a plan would name for these calls: a served cloud's ports stand for them."""
    return Sample(Sampled.ENDPOINTS, {"hosts": sorted({_host(call) for call in made})})


def _host(call: CallMade) -> str:
    if call.service == DNS or call.service in services():
        return endpoint(Call(call.service, call.operation, call.region)).host
    return call.host
