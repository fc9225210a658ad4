"""A Change: one version of a contribution, as it is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from api.records.reading import Element, written
from contributions.content import utc_text
from contributions.models import StatusChange

ELEMENTS = (
    Element("RecordVersionNumber", lambda told: told.change.version),
    Element("Date", lambda told: utc_text(told.change.at)),
    Element("FromStatus", lambda told: told.change.from_status or None),
    Element("Status", lambda told: told.change.to_status),
    Element("StatusReason", lambda told: told.change.reason or None),
    Element("EventId", lambda told: told.event_id),
)


@dataclass(frozen=True)
class _Told:
    """A change and the Id of the event that told of it."""

    change: StatusChange
    event_id: str | None


def history(changes: Iterable[StatusChange], event_ids: Mapping[int, str]) -> dict[str, Any]:
    """A History, with the Id of the event that told of a version, where there is one."""
    return {"Change": [written(ELEMENTS, _Told(change, event_ids.get(change.version))) for change in changes]}
