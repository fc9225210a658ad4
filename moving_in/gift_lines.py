"""What was collected elsewhere before, a line a gift: it comes in as Offline, Settled on its own date.

It is past: neither EndDate nor Close nor what a goal wants of new gifts keeps it out, and nobody matches it.
"""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import clock
from api.records import contribution as record
from api.records import moments
from api.records.reading import Repaired, Unfit
from contributions import settling
from contributions.causes import Cause
from contributions.models import Contribution, ImportedLine
from contributions.opening import NewGift
from goals.models import PaymentAccount, SavingGoal
from goals.rules import MOST_A_GOAL_CAN_HOLD_MINOR
from moving_in.csv_lines import Line
from moving_in.importing import CannotStore, Fault, Wish
from moving_in.nodes import record_of
from partners.models import Partner
from partners.tags import new_id_of
from providers.local.spec import OFFLINE
from xml_schemas.reader import BodyFaults

_OWN = ("Reference", "Amount", "Contributor", "Message")


@dataclass(frozen=True)
class PastGift:
    """What a line asks for."""

    goal: SavingGoal
    gift: NewGift
    date: datetime


class GiftLines:
    """Lines that become gifts. Meets moving_in.importing.Records."""

    kind = ImportedLine.Kind.GIFT
    columns = ("ExternalItemId", *_OWN, "Date")
    required = ("ExternalItemId", "Reference", "Amount", "Contributor", "Date")
    key = "Reference"

    def __init__(self, partner: Partner) -> None:
        self._partner = partner
        self._locked: dict[int, SavingGoal] = {}
        self._accounts: dict[int, PaymentAccount] = {}

    def read(self, lines: Sequence[Line]) -> Iterator[Wish[PastGift] | Fault]:
        """What each line asks for, and every fault of it."""
        references = [line.cells["Reference"] for line in lines]
        there = Contribution.objects.filter(partner=self._partner, reference__in=references)
        ids = dict(there.values_list("reference", "public_id"))
        goals = self._goals({line.cells.get("ExternalItemId", "") for line in lines})
        for line in lines:
            faults = list(self._faults(line, ids, goals))
            goal = next(iter(goals.get(line.cells.get("ExternalItemId", ""), [])), None)
            gift = self._gift(line, goal, faults)
            date = _date(line, faults)
            if gift is not None and goal is not None and date is not None and not faults:
                yield Wish(line, line.cells["Reference"], PastGift(goal, gift, date))
            yield from (Fault(line.number, sentence) for sentence in faults)

    def prepare(self, wishes: Sequence[Wish[PastGift]]) -> None:
        """The goals of these, locked in one order before anything else is: whoever else wants several waits for us, or we for
        them. Raises CannotStore."""
        wanted = {wish.what.goal.pk for wish in wishes}
        rows = SavingGoal.objects.select_for_update(no_key=True, of=("self",)).select_related("partner")
        mine = rows.filter(partner=self._partner, pk__in=wanted, deleted_at=None).order_by("pk")
        self._locked = {goal.pk: goal for goal in mine}
        self._accounts = {}

    def store(self, wish: Wish[PastGift]) -> str:
        past = wish.what
        goal = self._locked.get(past.goal.pk)
        if goal is None or goal.currency != past.goal.currency:
            raise CannotStore(
                f"line {wish.line.number}: its goal was deleted or changed at this moment. Import the file again."
            )
        contribution = Contribution(
            public_id=new_id_of(self._partner.pk),
            goal=goal,
            partner_id=goal.partner_id,
            amount_minor=past.gift.amount_minor,
            currency=goal.currency,
            contributor=past.gift.contributor,
            message=past.gift.message,
            reference=past.gift.reference,
            created_at=past.date,
        )
        settling.record(contribution, self._account(goal), cause=Cause.IMPORT, moved_at=past.date)
        self._locked[goal.pk] = contribution.goal
        return contribution.public_id

    def _goals(self, items: set[str]) -> dict[str, list[SavingGoal]]:
        found: dict[str, list[SavingGoal]] = {}
        rows = SavingGoal.objects.filter(partner=self._partner, external_item_id__in=items, deleted_at=None)
        for goal in rows.select_related("partner").order_by("pk"):
            found.setdefault(goal.external_item_id, []).append(goal)
        return found

    def _faults(self, line: Line, ids: dict[str, str], goals: dict[str, list[SavingGoal]]) -> Iterator[str]:
        """What is wrong with the gift's place."""
        item, reference = line.cells.get("ExternalItemId"), line.cells["Reference"]
        if item is None:
            yield "ExternalItemId is missing: it is required here."
        elif item not in goals:
            yield f"there is no goal with the ExternalItemId {item[:100]!r}: import the goals first."
        elif len(goals[item]) > 1:
            named = ", ".join(goal.public_id for goal in goals[item][:5])
            yield f"several goals have the ExternalItemId {item[:100]!r} ({named}): a gift must be for one."
        if reference in ids:
            yield f"the gift {ids[reference]} has this Reference already, and was not imported: take the line out."

    def _gift(self, line: Line, goal: SavingGoal | None, faults: list[str]) -> NewGift | None:
        """By the rules of the API, but for what the goal wants of new gifts; without a goal up to three decimals will do."""
        goal = copy.copy(goal) if goal else SavingGoal(partner=self._partner, currency="KWD")
        goal.minimum_minor = goal.maximum_minor = None
        account = PaymentAccount(provider=OFFLINE.name)
        try:
            gift = record.read(record_of("Contribution", line, _OWN), goal, [account])
        except BodyFaults as found:
            faults += [fault.detail for fault in found.faults]
            return None
        if goal.current_minor + goal.authorized_minor + gift.amount_minor > MOST_A_GOAL_CAN_HOLD_MINOR:
            faults.append("with this Amount the goal's sum would be too large to count.")
        return gift

    def _account(self, goal: SavingGoal) -> PaymentAccount:
        """The goal's account for gifts in cash; one that nothing else is paid to where it does not list them."""
        if goal.pk not in self._accounts:
            cash = PaymentAccount.objects.filter(goal=goal, provider=OFFLINE.name).order_by("-pk").first()
            named = {"provider": OFFLINE.name, "credentials_encrypted": "", "retired_at": clock.now()}
            self._accounts[goal.pk] = cash or PaymentAccount.objects.create(goal=goal, **named)
        return self._accounts[goal.pk]


def _date(line: Line, faults: list[str]) -> datetime | None:
    if "Date" not in line.cells:
        faults.append("Date is missing: it is required here.")
        return None
    try:
        read = moments.day_or_moment(line.cells["Date"].strip())
    except Unfit as unfit:
        faults.append(f"Date {unfit}.")
        return None
    if isinstance(read, Repaired):
        faults.append(f"Date {read.reason}: {read.right}.")
        return None
    if read.begin > clock.now():
        faults.append("Date is still to come: what is imported was collected before.")
        return None
    return read.begin
