"""A partner's goals, a line each: read by the same rules as a SavingGoal of the API, with one provider."""

from collections.abc import Iterator, Sequence

from api.records import goal as record
from contributions.models import ImportedLine
from goals import rules
from goals.models import SavingGoal
from goals.rules import GoalChange
from moving_in.csv_lines import Line
from moving_in.importing import Fault, Wish
from moving_in.nodes import element, record_of
from partners.models import Partner
from partners.tags import new_id_of
from xml_schemas.reader import BodyFaults, Node

_OWN = ("ExternalItemId", "Name", "Currency", "StartingAmount", "GoalAmount", "EndDate")
_OF_PROVIDER = ("ProviderName", "Credentials")


class GoalLines:
    """Lines that become goals. Meets moving_in.importing.Records."""

    kind = ImportedLine.Kind.GOAL
    columns = (*_OWN, *_OF_PROVIDER)
    required = ("ExternalItemId", "Name", "GoalAmount", "ProviderName")
    key = "ExternalItemId"

    def __init__(self, partner: Partner) -> None:
        self._partner = partner

    def read(self, lines: Sequence[Line]) -> Iterator[Wish[GoalChange] | Fault]:
        """What each line asks for, and every fault of it."""
        items = [line.cells["ExternalItemId"] for line in lines]
        there = SavingGoal.objects.filter(partner=self._partner, external_item_id__in=items, deleted_at=None)
        ids = dict(there.order_by("-pk").values_list("external_item_id", "public_id"))
        for line in lines:
            item = line.cells["ExternalItemId"]
            if item in ids:
                there_is = f"the goal {ids[item]} has this ExternalItemId already, and was not imported"
                yield Fault(line.number, f"{there_is}: take the line out.")
                continue
            try:
                change, _ = record.read(self._node(line), self._partner)
            except BodyFaults as faults:
                yield from (Fault(line.number, fault.detail) for fault in faults.faults)
            else:
                yield Wish(line, item, change)

    def prepare(self, wishes: Sequence[Wish[GoalChange]]) -> None:
        """Nothing: a goal that is new is nobody else's."""

    def store(self, wish: Wish[GoalChange]) -> str:
        return rules.create(self._partner, wish.what, public_id=new_id_of(self._partner.pk)).public_id

    def _node(self, line: Line) -> Node:
        provider = record_of("PaymentProvider", line, _OF_PROVIDER)
        goal = record_of("SavingGoal", line, _OWN)
        goal.children.append(element("PaymentProviders", line, goal.sent, children=[provider]))
        return goal
