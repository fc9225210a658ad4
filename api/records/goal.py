"""A SavingGoal: its elements as they are read. They are written by contributions/goal_content.py, since events carry them too.

A test holds the two together: each element that is written is in the table here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.records import contribution, gift_limits, metadata, moments, rules
from api.records.reading import Element, Members, Unfit, check_root, items_of
from contributions import newest
from contributions.goal_content import content_of
from contributions.models import Contribution
from goals.models import CapturePolicy, Payee, PaymentAccount, SavingGoal
from goals.rules import GoalChange, live_accounts, live_accounts_of
from goals.state import Standing
from ids import is_id
from partners.models import Partner
from providers import registry
from providers.base import AmountRefused, ProviderNotOffered
from xml_schemas.reader import BodyFaults, Fault, Node

DEFAULT_CURRENCY = "USD"
NESTED_CONTRIBUTIONS = 50
"""How many of a goal's contributions stand within it."""


@dataclass(frozen=True)
class Lists:
    """What stands in a goal. `newest`: its newest visible contributions, one more than are shown where there are more."""

    accounts: Sequence[PaymentAccount]
    newest: Sequence[Contribution]


@dataclass(frozen=True)
class View:
    """A goal to be written. `query`: the arguments that the address of its further contributions takes along."""

    goal: SavingGoal
    standing: Standing
    lists: Lists
    query: Mapping[str, str] = field(default_factory=dict)


ELEMENTS = (
    Element("Id", read_apart=True),
    Element("ExternalItemId", key="external_item_id", rule=rules.own_id(1, rules.LONGEST_NAME)),
    Element("Name", key="name", rule=rules.free_text(1, rules.LONGEST_NAME), kept_exactly=True),
    Element("StartingAmount", key="starting_minor", rule_for=lambda currency: rules.amount(currency, zero=True), number=True),
    Element("GoalAmount", key="goal_minor", rule_for=rules.amount, number=True),
    Element("CurrentAmount"),
    Element("EndDate", read_apart=True, can_be_taken_away=True),
    Element("Contributions"),
    Element("PaymentProviders", read_apart=True),
    Element("ConfirmationURL", read_apart=True, can_be_taken_away=True),
    Element("CancelURL", read_apart=True, can_be_taken_away=True),
    Element("RecordVersionNumber", read_apart=True),
    Element("RecordOwner"),
    Element("Currency", read_apart=True),
    Element("CapturePolicy", key="capture_policy", rule=rules.capture_policy),
    Element("AuthorizedAmount"),
    Element("State"),
    Element("AcceptsGifts"),
    Element("Overfunding", key="overfunding", rule=rules.overfunding),
    Element("RemainingAmount"),
    Element("MinimumAmount", key="minimum_minor", rule_for=rules.optional_amount, number=True, can_be_taken_away=True),
    Element("MaximumAmount", key="maximum_minor", rule_for=rules.optional_amount, number=True, can_be_taken_away=True),
    Element("SuggestedAmounts", read_apart=True, can_be_taken_away=True),
    Element("Description", read_apart=True, can_be_taken_away=True),
    Element("ImageURL", key="image_url", rule=rules.image_url, can_be_taken_away=True),
    Element("Metadata", read_apart=True, can_be_taken_away=True),
    Element("Test"),
    Element("OfflineAmount"),
    Element("MatchedAmount"),
)
"""In the order in which they are written. The rules depend on the currency."""

READ_ONLY = frozenset(element.name for element in ELEMENTS if not element.is_writable)

REQUIRED = ("ExternalItemId", "Name", "GoalAmount", "PaymentProviders")
"""What a body must hold, but for a PATCH."""

PROVIDER_ELEMENTS = (
    Element("ProviderName", read_apart=True),
    Element("Credentials", read_apart=True, write_only=True),
    Element("PaymentAccountId", read_apart=True),
)
PROVIDER_REQUIRED = ("ProviderName",)


# --- Written ----------------------------------------------------------------------------------------------------------


def content(view: View) -> dict[str, Any]:
    """A SavingGoal."""
    return content_of(view.goal, view.standing, view.lists.accounts, contributions=_nested_contributions(view))


def tag(goal: SavingGoal, standing: Standing) -> str:
    """What the ETag of a goal says of it, in any format: its client's edits, everything else that moves, and what follows
    from the time alone: EndDate passes, a reservation ends."""
    gifts = "y" if standing.accepts_gifts else "n"
    return f"{goal.version}.{goal.activity}.{standing.state}.{gifts}.{standing.remaining_minor}"


def lists_of(goals: Sequence[SavingGoal]) -> dict[int, Lists]:
    """Of each goal, by its key: two statements for all."""
    accounts, found = live_accounts_of(goals), newest.of_goals(goals, NESTED_CONTRIBUTIONS + 1)
    return {goal.pk: Lists(accounts[goal.pk], found.get(goal.pk, [])) for goal in goals}


def _nested_contributions(view: View) -> dict[str, Any]:
    shown = view.lists.newest
    more = len(shown) > NESTED_CONTRIBUTIONS
    return contribution.list_content(view.goal, shown[:NESTED_CONTRIBUTIONS], more=more, **view.query)


# --- Read -------------------------------------------------------------------------------------------------------------


def read(
    node: Node, partner: Partner, *, stored: SavingGoal | None = None, partial: bool = False
) -> tuple[GoalChange, int | None]:
    """What a SavingGoal body asks for, and the RecordVersionNumber it names.

    Without `stored` a new goal; with it a replacement (what is left out goes back to its default, but for Currency,
    CapturePolicy, Credentials and all from Overfunding on, which a client of 2011 cannot know), or, where `partial`, a
    change of what is given.
    Raises BodyFaults.
    """
    faults: list[Fault] = []
    check_root(node, "SavingGoal")
    members = Members(node, ELEMENTS, faults, null_empties=partial)
    if not partial:
        members.require(*REQUIRED)
    values = _values(members, partner, stored, partial)
    _read_what_is_kept(members, values, stored, faults)
    accounts = _accounts(members, partner, stored, faults)
    currency = values.get("currency", stored.currency if stored else DEFAULT_CURRENCY)
    _check_currency(members, currency, accounts, stored, is_test=partner.is_test)
    version = members.read("RecordVersionNumber", rules.version, number=True) if stored else None
    given_id = members.read("Id", str) if stored else None
    if stored and given_id is not None and given_id != stored.public_id:
        members.fault(members.by_name["Id"], "Id must be the one in the path, or be left out.")
    if faults:
        raise BodyFaults(faults)
    return GoalChange(values, accounts, is_partial=partial), version


def _values(members: Members, partner: Partner, stored: SavingGoal | None, partial: bool) -> dict[str, Any]:
    currency = members.read("Currency", rules.currency) or (stored.currency if stored else DEFAULT_CURRENCY)
    values = members.read_all(currency)
    if "Currency" in members:
        values["currency"] = currency
    for name, key in (("ConfirmationURL", "confirmation_url"), ("CancelURL", "cancel_url")):
        if name in members:
            values[key] = members.read(name, rules.redirect_url(partner))
    ends_at, with_the_day = members.read("EndDate", moments.end_date) or (None, False)
    if "EndDate" in members:
        values |= {"ends_at": ends_at, "ends_with_the_day": with_the_day}
    if not partial:
        defaults = {"starting_minor": 0, "ends_at": None, "ends_with_the_day": False, "confirmation_url": "", "cancel_url": ""}
        if stored is None:
            defaults |= {"currency": DEFAULT_CURRENCY, "capture_policy": CapturePolicy.IMMEDIATE}
        values = defaults | values
    elif stored and currency != stored.currency and not stored.activity:  # with contributions it cannot change anyway
        members.require("GoalAmount", *(["StartingAmount"] if stored.starting_minor else []))
    return values


def _read_what_is_kept(members: Members, values: dict[str, Any], stored: SavingGoal | None, faults: list[Fault]) -> None:
    """What a client of 2011 cannot know, so that it stays as it is where it is left out."""
    currency: str = values.get("currency") or (stored.currency if stored else DEFAULT_CURRENCY)
    if "SuggestedAmounts" in members:
        values["suggested_minor"] = gift_limits.read_suggested(members, currency, faults)
    if "Metadata" in members:
        values["metadata"] = metadata.read(members.by_name["Metadata"], faults)
    if "Description" in members:
        description = members.read("Description", rules.free_text(0, rules.LONGEST_DESCRIPTION), kept_exactly=True)
        values["description"] = None if members.by_name["Description"].is_null else description
    if stored and currency != stored.currency and not stored.activity:
        gift_limits.require_anew(members, stored)
    elif not faults:
        gift_limits.check_together(members, values, currency, stored)


def _accounts(
    members: Members, partner: Partner, stored: SavingGoal | None, faults: list[Fault]
) -> Mapping[str, str | Payee | None] | None:
    if "PaymentProviders" not in members:
        return None
    container = members.by_name["PaymentProviders"]
    known = {account.provider for account in stored.payment_accounts.filter(retired_at=None)} if stored else set()
    accounts: dict[str, str | Payee | None] = {}
    for node in items_of(container, "PaymentProvider", faults):
        one = Members(node, PROVIDER_ELEMENTS, faults)
        one.require(*PROVIDER_REQUIRED)
        name = one.read("ProviderName", rules.provider_name(is_test=partner.is_test))
        if name is None:
            continue
        if name in accounts:
            one.fault(node, f"{name} stands here twice: give each provider once.")
        accounts[name] = _paid(one, name, partner, is_new=name not in known)
    if all(child.is_null for child in container.children):
        members.fault(container, "PaymentProviders must hold at least one PaymentProvider.")
    return accounts


def _paid(one: Members, provider: str, partner: Partner, *, is_new: bool) -> str | Payee | None:
    """Who is to be paid at this provider: by Credentials, or a payment account of the partner's; None as before.

    Empty where no company has a part in it, so that nobody is paid through us.
    """
    if provider in registry.LOCAL_NAMES:
        for name in ("Credentials", "PaymentAccountId"):
            if name in one and one.by_name[name].text:
                sentence = f"{name} must be left out for {provider}: nobody is paid through this service there."
                one.fault(one.by_name[name], sentence)
        return ""
    if "PaymentAccountId" not in one:
        if is_new:
            one.require("Credentials")
        return one.read("Credentials", rules.credentials(provider, is_test=partner.is_test))
    if "Credentials" in one:
        one.fault(one.by_name["Credentials"], "Give Credentials or PaymentAccountId, not both.")
    return one.read("PaymentAccountId", lambda text: _payee(text, provider, partner))


def _payee(public_id: str, provider: str, partner: Partner) -> Payee:
    payee = partner.payees.filter(public_id=public_id, deleted_at=None).first() if is_id(public_id) else None
    if payee is None:
        raise Unfit("must be the Id of a payment account of yours")
    if payee.provider != provider:
        raise Unfit(f"is of a payment account at {payee.provider}: give one at {provider}")
    return payee


def _check_currency(
    members: Members,
    currency: str,
    accounts: Mapping[str, str | Payee | None] | None,
    stored: SavingGoal | None,
    *,
    is_test: bool,
) -> None:
    """A fault for each provider at which the goal's payee cannot be paid in its currency."""
    if accounts is None and (stored is None or currency == stored.currency):
        return
    before = {account.provider: account for account in live_accounts(stored)} if stored else {}
    accounts = dict.fromkeys(before) if accounts is None else accounts
    node = next((members.by_name[name] for name in ("Currency", "PaymentProviders") if name in members), members.node)
    for provider, told in accounts.items():
        paid = before.get(provider, "") if told is None else told
        payee = paid if isinstance(paid, str) else paid.readable_credentials or ""
        try:
            registry.adapter_offered(provider, is_test=is_test).check_currency(currency, payee=payee)
        except AmountRefused as error:
            members.fault(node, f"The goal's currency does not go with {provider}: {error}")
        except ProviderNotOffered:
            pass  # told where the provider was named; what is stored already is nobody's fault here
