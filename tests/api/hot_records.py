"""Goals, contributions and events such as a partner may have, made up from a seed and stored without the API."""

import json
import random
from datetime import UTC, datetime, timedelta

from contributions.models import Checkout, Contribution
from contributions.status import Status
from goals.models import Payee, PaymentAccount, SavingGoal
from ids import new_id
from notifications.models import Event, EventSequence

NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
TEXTS = ("", "Anna", "Ömer & Söhne <Ltd>", "a\tb\nc", "𝄞 ]]> \"'", "\u202etxt", "x" * 255, "  padded  ", "%s ? {0}")
CURRENCIES = ("USD", "JPY", "KWD", "EUR")
PAID = (Status.SETTLED, Status.REFUNDED)


class Maker:
    """Makes records of one partner, different for each seed."""

    def __init__(self, partner, seed):
        self.partner, self.chance = partner, random.Random(seed)

    def goal(self):
        chance = self.chance
        ends = chance.choice([None, NOW - timedelta(days=1), NOW + timedelta(days=chance.randint(1, 9), microseconds=1)])
        return SavingGoal(
            public_id=new_id(), partner=self.partner, external_item_id=chance.choice(TEXTS[1:]), name=chance.choice(TEXTS[1:]),
            currency=chance.choice(CURRENCIES), starting_minor=chance.choice([0, 10**12]), goal_minor=chance.randint(1, 10**13),
            collected_minor=chance.choice([0, 5, 10**11]), authorized_minor=chance.choice([0, 7]), ends_at=ends,
            ends_with_the_day=bool(ends) and chance.random() < 0.5,
            capture_policy=chance.choice(["Immediate", "OnGoalReached", "Manual"]),
            confirmation_url=chance.choice(["", "https://a.example/ö?x&y=%20"]), cancel_url=chance.choice(["", "https://b.ch/"]),
            overfunding=chance.choice(["Allowed", "LastGift", "Never"]), minimum_minor=chance.choice([None, 100]),
            maximum_minor=chance.choice([None, 10**9]), suggested_minor=chance.choice([[], [100, 2000]]),
            description=chance.choice([None, *TEXTS]), image_url=chance.choice(["", "https://i.example/a.png"]),
            metadata=self._metadata(), closed_at=chance.choice([None, None, NOW]), version=chance.randint(1, 9),
            activity=chance.randint(1, 99), deleted_at=chance.choice([None] * 9 + [NOW]),
        )  # fmt: skip

    def account(self, goal, provider):
        payee = None
        if self.chance.random() < 0.5:
            payee = Payee.objects.create(public_id=new_id(), partner=self.partner, provider=provider, created_at=NOW)
        retired = self.chance.choice([None, None, NOW])
        return PaymentAccount(goal=goal, provider=provider, payee=payee, credentials_encrypted="", retired_at=retired)

    def gift(self, goal):
        chance = self.chance
        status = chance.choice(list(Status))
        amount = chance.randint(10, 10**12)
        settled = chance.choice([amount, amount - 1]) if status in PAID else None
        return Contribution(
            public_id=new_id(), goal=goal, partner=self.partner, amount_minor=amount, currency=goal.currency,
            contributor=chance.choice(TEXTS[1:]), message=chance.choice([None, *TEXTS]),
            created_at=NOW - timedelta(microseconds=chance.choice([0, 1, 10**6, 123456789])),
            deleted_at=chance.choice([None] * 9 + [NOW]), status=status, status_reason=chance.choice(["", "declined"]),
            version=chance.randint(1, 10**6), settled_minor=settled, reversed_minor=chance.choice([0, 1]),
            refunds_reserved_minor=5, refunded_minor=chance.choice([0, 5]), reference=chance.choice(TEXTS),
            memo=chance.choice([None, "", "memo"]), is_anonymous=chance.random() < 0.3,
            confirmation_url=chance.choice(["", "https://a.example/?a=1&b"]), language=chance.choice(["", "de-CH"]),
            metadata=self._metadata(), provider_reference=chance.choice(["", "PAY-1"]), fee_minor=chance.choice([None, 0, 3]),
            net_minor=chance.choice([None, 9]), platform_fee_minor=chance.choice([None, 0]),
            settled_at=NOW if settled else None,
            reserved_until=chance.choice([None, NOW - timedelta(seconds=1), NOW + timedelta(hours=1)]),
        )  # fmt: skip

    def event(self, position, shown):
        kind, content = self.chance.choice([("contribution.settled", shown), ("goal.closed", {"Id": "x", "Name": "é & <"})])
        return Event(
            public_id=f"evt_{position:012d}_{new_id()}", partner=self.partner, position=position, type=kind, about="",
            content=json.dumps(self.chance.choice([content, {}]), ensure_ascii=False), at=NOW + timedelta(0, 0, position % 3),
        )  # fmt: skip

    def _metadata(self):
        return self.chance.choice([[], [["a", "é <&>"], ["b", ""]]])


def fill(partner, *, seed, goals, gifts, events):
    """Store so many; returns the goals, their contributions and the events, deleted ones among them."""
    maker = Maker(partner, seed)
    made = SavingGoal.objects.bulk_create(maker.goal() for _ in range(goals))
    accounts = [maker.account(goal, name) for goal in made for name in maker.chance.sample(["PayPal", "Stripe", "Amazon"], 2)]
    by_goal = {}
    for account in PaymentAccount.objects.bulk_create(accounts):
        by_goal.setdefault(account.goal_id, []).append(account)
    popular = made[: len(made) // 2]  # whose list has a next page
    unpaid = [maker.gift(maker.chance.choice(popular if maker.chance.random() < 0.9 else made)) for _ in range(gifts)]
    stored = Contribution.objects.bulk_create(gift for gift in unpaid if gift.status in {Status.SUBMITTED, Status.FAILED})
    stored += [paid for gift in unpaid if gift.pk is None for paid in [_with_its_checkout_to_come(gift)]]
    _add_checkouts(stored, by_goal, maker.chance)
    told = Event.objects.bulk_create(maker.event(n, {"Id": "x", "Amount": "1.00"}) for n in range(1, events + 1))
    EventSequence.objects.create(partner=partner, last_position=events)
    return made, stored, told


def _with_its_checkout_to_come(gift):
    """The database takes no paid contribution without a checkout: so it is stored unpaid first."""
    status, gift.status = gift.status, Status.SUBMITTED
    gift.save()
    gift.status = status
    return gift


def _add_checkouts(gifts, accounts, chance):
    for gift in gifts:
        if gift.status in {Status.SUBMITTED, Status.FAILED} and chance.random() < 0.2:
            continue
        account = chance.choice([None, *accounts[gift.goal_id]])
        gift.checkout = Checkout.objects.create(
            contribution=gift, account=account, capture_policy="Immediate", created_at=NOW, stage="recorded"
        )
        gift.save(update_fields=["checkout", "status"])
