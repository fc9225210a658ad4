"""The simulated world with gift certificates: sold, paid at the provider, claimed, spent, given back, refunded, expired.

A world of its own, so that the histories of the other one stay what they are. What must hold besides is read from the tables,
without any of the service's own code: both sides of every entry, nothing spent that is not there, expired or somebody else's.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from certificates import buying, claiming
from certificates.models import GiftCertificate
from certificates.spending import BalanceTooLow, Purse, account_for
from contributions import opening, refunds
from contributions.models import Contribution
from givers.models import Giver
from goals import payees
from goals.models import SavingGoal
from tests.simulation.books import Books, rows
from tests.simulation.goal_owners import magnitude_of
from tests.simulation.invariants import Promise
from tests.simulation.provider import TruthfulProvider
from tests.simulation.side import Wrong
from tests.simulation.world import World

PLUS = {"issued", "given_back", "expiry_undone", "refund_undone", "reversal_won"}


class OneCurrency(TruthfulProvider):
    """So that what is on certificates can be spent."""

    magnitudes = {"USD": (1,)}  # type: ignore[assignment, dict-item]


class WorldWithCertificates(World):
    """One history; see World."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, OneCurrency)  # type: ignore[arg-type] # it is one
        self.claimed_by: dict[int, int] = {}
        """Who has claimed each certificate, as it was first seen."""

    def _actions(self) -> dict[Callable[[], str], int]:
        own = {self._sells: 10, self._claims: 8, self._spends: 40, self._gives_back: 12}
        return super()._actions() | own

    def _some(self, found: Any) -> Any:
        """No client knows the goals of certificates."""
        return super()._some(found.filter(certificates_of=None) if found.model is SavingGoal else found)

    def _live(self, steps: int) -> None:
        columns = {"partner": self._partner, "created_at": self.now}
        self.givers = [
            Giver.objects.create(public_id=f"giver-{number}", external_id=str(number), **columns) for number in (1, 2)
        ]
        self.payee = payees.create(self._partner, self.provider.name, self.provider.payee, public_id="payee-of-certificates")
        self._create_goal()
        self.provider.calm = True  # at first nothing goes wrong: the sooner something can be spent, the more can happen
        for action in (self._sells, self._claims, self._sells, self._claims):
            self._one_step(action)
            self.invariants.check()
        self.provider.calm = False
        super()._live(steps)

    # --- what happens ---------------------------------------------------------------------------------------------

    def _sells(self) -> str:
        days = self.random.choice([None, None, 2, 20])
        wish = buying.Wish(
            amount_minor=self.random.choice([300, 1000, 2500]),
            currency="USD",
            payee=self.payee,
            recipient_name="Ann",
            expires_at=None if days is None else self.now + timedelta(days=days),
        )
        public_id = f"certificate-{next(self._numbers)}"
        sold = buying.buy(self._partner, wish, public_id=public_id)
        self.promises[public_id] = Promise(public_id)
        told = f"{sold} of {wish.amount_minor} for {days} days"
        if self.random.random() < 0.2:
            return told
        purchase = Contribution.objects.whole().get(public_id=public_id)
        return f"{told}, {self._opens(purchase)}, {self._acts_at(self._payment_of(public_id))}"

    def _claims(self) -> str:
        certificate = self._some(GiftCertificate.objects.filter(giver=None))
        if certificate is None:
            return "nothing to claim"
        giver = self.random.choice(self.givers)
        try:
            return f"{claiming.claim(certificate, giver)} by {giver}"
        except claiming.CannotClaim as refused:
            return f"{certificate} refused: {refused}"

    def _spends(self) -> str:
        goal, giver = self._some(SavingGoal.objects.filter(deleted_at=None)), self.random.choice(self.givers)
        if goal is None:
            return "no goal"
        amount, account = self.random.choice([1, 200, 300, 999, 2500]) * magnitude_of(goal.goal_minor), account_for(goal)
        gift = opening.NewGift(
            amount_minor=amount,
            contributor="Ann",
            message=None,
            account=account,
            giver=giver,
            beside=Purse(giver, goal.currency, amount, account),
        )
        public_id = f"spent-{next(self._numbers)}"
        try:
            made = opening.record_gift(goal, gift, public_id=public_id)
        except BalanceTooLow as refused:
            return f"{amount} by {giver} refused: {refused}"
        self.promises[public_id] = Promise(public_id)
        return f"{public_id} of {amount} by {giver}, {made.status}"

    def _gives_back(self) -> str:
        paid = Contribution.objects.whole().filter(checkout__account__provider="Certificate", status="Settled")
        gift = self._some(paid)
        if gift is None:
            return "nothing was spent"
        amount = self.random.choice([None, None, 1, gift.amount_minor // 3 or 1])
        refund = refunds.ask(gift, amount_minor=amount, reason=None, public_id=f"back-{next(self._numbers)}")
        return f"{gift}: {amount} {refund.status}"

    # --- what must hold -------------------------------------------------------------------------------------------

    def _one_step(self, action: Callable[[], str] | None = None) -> None:
        super()._one_step(action)
        self.check_certificates()

    def _come_to_rest(self) -> None:
        super()._come_to_rest()
        self.check_certificates()

    def check_certificates(self) -> None:
        """At every moment at which nobody is in the middle of something. Raises Wrong."""
        books = Books()
        certificates = {one.id: one for one in rows("SELECT * FROM certificates_giftcertificate")}
        entries = rows("SELECT * FROM certificates_certificateentry ORDER BY id")
        for one in certificates.values():
            self._check_one(books, one, [entry for entry in entries if entry.certificate_id == one.id])
        _check_gifts(books, certificates, entries)
        _check_events(books, certificates)

    def _check_one(self, books: Books, one: Any, entries: list[Any]) -> None:
        purchase = books.contributions[one.purchase_id]
        if self.claimed_by.setdefault(one.id, one.giver_id or 0) not in {0, one.giver_id}:
            raise Wrong(f"{one.public_id} was claimed by {self.claimed_by[one.id]}, and now by {one.giver_id}")
        self.claimed_by[one.id] = one.giver_id or 0
        balance = 0
        for entry in entries:
            if (entry.delta_minor > 0) != (entry.kind in PLUS):
                raise Wrong(f"{one.public_id}: {entry.kind} of {entry.delta_minor}")
            balance += entry.delta_minor
            if entry.kind == "spent" and balance < 0:
                raise Wrong(f"{one.public_id}: {entry.delta_minor} was spent, of which there was not so much")
            if entry.kind == "spent" and one.expires_at is not None and entry.at >= one.expires_at:
                raise Wrong(f"{one.public_id} was spent at {entry.at}, after it had expired")
        if balance != one.balance_minor:
            raise Wrong(f"{one.public_id} says {one.balance_minor}, its entries say {balance}")
        of = _sums(entries)
        wanted = (purchase.settled_minor or 0, purchase.refunded_minor, purchase.reversed_minor)
        if (of["issued"], of["refunded"] + of["refund_undone"], of["reversed"] + of["reversal_won"]) != (
            wanted[0],
            -wanted[1],
            -wanted[2],
        ):
            raise Wrong(f"{one.public_id} has {dict(of)}, and its purchase {wanted}")
        if one.held_minor != purchase.refunds_reserved_minor - purchase.refunded_minor:
            raise Wrong(f"{one.public_id} holds {one.held_minor}")


def _sums(entries: list[Any]) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for entry in entries:
        found[entry.kind] += entry.delta_minor
    return found


def _check_gifts(books: Books, certificates: dict[int, Any], entries: list[Any]) -> None:
    """What a gift keeps is what certificates of its giver have paid and not got back."""
    paid: dict[int, int] = defaultdict(int)
    for entry in entries:
        if entry.contribution_id is not None:
            paid[entry.contribution_id] -= entry.delta_minor
            one, gift = certificates[entry.certificate_id], books.contributions[entry.contribution_id]
            if (one.giver_id, one.currency) != (gift.giver_id, gift.currency):
                raise Wrong(f"{one.public_id} has paid {gift.public_id}, which is not its giver's")
    for gift in books.contributions.values():
        kept = (gift.settled_minor or 0) - gift.refunded_minor if books.local_name(gift) == "certificate" else 0
        if kept != paid[gift.id]:
            raise Wrong(f"{gift.public_id} keeps {kept}, and certificates have paid {paid[gift.id]} of it")


def _check_events(books: Books, certificates: dict[int, Any]) -> None:
    """One event for each version, and none that is a contribution's."""
    told: dict[str, list[int]] = defaultdict(list)
    for event in books.events:
        if event.type.startswith("giftcertificate."):
            told[event.about].append(event.version)
    for one in certificates.values():
        if told[one.public_id] != list(range(1, one.version + 1)):
            raise Wrong(f"{one.public_id} is at version {one.version}, and {told[one.public_id]} were told")
