"""A Contribution: its elements as they are read. They are written by contributions/content.py, since events carry them too.

A test holds the two together: each element that is written is in the table here.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from api.links import url_of
from api.records import metadata, rules
from api.records.giver import pin
from api.records.partners_own import giver_of, ways_back
from api.records.reading import Element, Members, check_root
from certificates.spending import Purse, account_for
from contributions.content import contribution_content
from contributions.models import Contribution
from contributions.opening import NewGift
from goals import state
from goals.models import PaymentAccount, SavingGoal
from money import text_of
from partners.models import Partner
from providers import registry
from providers.base import ProviderNotOffered
from providers.local.spec import CERTIFICATE, OFFLINE
from xml_schemas.reader import BodyFaults, Fault, Node

content = contribution_content

NOT_UNDER_A_PERMISSION = frozenset({CERTIFICATE.name, OFFLINE.name})
"""Paid at once by something else: who asks for both would send the giver on to pay once more."""

ELEMENTS = (
    Element("Id"),
    Element("Amount", key="amount_minor", rule_for=rules.amount, number=True),
    Element("Date"),
    Element("Contributor", key="contributor", rule=rules.free_text(1, rules.LONGEST_NAME), kept_exactly=True),
    Element("Message", key="message", rule=rules.free_text(0, rules.LONGEST_MESSAGE), kept_exactly=True),
    Element("Status"),
    Element("ProviderName", read_apart=True),
    Element("ProviderURL"),
    Element("RecordVersionNumber"),
    Element("Currency"),
    Element("RefundedAmount"),
    Element("StatusReason"),
    Element("SavingGoalId"),
    Element("SettledAmount"),
    Element("ReversedAmount"),
    Element("Reference", key="reference", rule=rules.own_id(1, rules.LONGEST_NAME)),
    Element("Memo", key="memo", rule=rules.free_text(0, rules.LONGEST_MEMO)),
    Element("Anonymous", key="is_anonymous", rule=rules.boolean, boolean=True),
    Element("ConfirmationURL", read_apart=True),
    Element("CancelURL", read_apart=True),
    Element("Language", key="language", rule=rules.language),
    Element("ProviderReference"),
    Element("Fee"),
    Element("Net"),
    Element("PlatformFee"),
    Element("SettledDate"),
    Element("Metadata", read_apart=True),
    Element("Test"),
    Element("GiverId", read_apart=True),
    Element("MatchOf"),
    Element("PledgeId"),
    Element("UsePermission", key="uses_permission", rule=rules.boolean, boolean=True, write_only=True),
    Element("Pin", key="pin", rule=pin, write_only=True),
)
"""In the order in which they are written. The rules depend on the goal's currency."""
REQUIRED = ("Amount", "Contributor")
"""What a body must hold."""


def list_content(goal: SavingGoal, shown: Sequence[Contribution], *, more: bool, **query: str) -> dict[str, Any]:
    """A Contributions list, with the address of the next page where there is more."""
    made: dict[str, Any] = {"Contribution": [content(one, goal) for one in shown]}
    if more:
        made["Next"] = url_of("SavingGoal", goal.public_id, "Contributions", **query, after=shown[-1].public_id)
    return made


def tag(contribution: Contribution) -> str:
    """What the ETag of a contribution says of it, in any format."""
    return str(contribution.version)


def read(node: Node, goal: SavingGoal, accounts: list[PaymentAccount]) -> NewGift:
    """What a Contribution body asks for; without an account where the giver is to pick one of several. Raises BodyFaults."""
    faults: list[Fault] = []
    check_root(node, "Contribution")
    members = Members(node, ELEMENTS, faults)
    members.require(*REQUIRED)
    values = {"message": None} | members.read_all(goal.currency)
    values |= ways_back(members, goal.partner)
    if "Metadata" in members:
        values["metadata"] = metadata.read(members.by_name["Metadata"], faults)
    check_amount(members, goal, values.get("amount_minor"))
    values |= _giver(members, goal.partner)
    account = _account(members, goal, accounts)
    if account is not None and account.provider in NOT_UNDER_A_PERMISSION and values.get("uses_permission"):
        sentence = f"UsePermission cannot go with {account.provider}: leave one of the two out."
        members.fault(members.by_name["UsePermission"], sentence)
    if account is not None and account.provider == CERTIFICATE.name and "GiverId" not in members:
        members.fault(members.node, "ProviderName Certificate needs GiverId: say whose certificates pay.")
    if faults:
        raise BodyFaults(faults)
    gift = NewGift(**values, account=account)
    if account is not None and account.provider == CERTIFICATE.name and gift.giver is not None:
        return replace(gift, beside=Purse(gift.giver, goal.currency, gift.amount_minor, account))
    return gift


def _giver(members: Members, partner: Partner) -> dict[str, Any]:
    """Who gives; and a fault for what goes with nobody."""
    if "GiverId" in members:
        return {"giver": members.read("GiverId", giver_of(partner))}
    for name in ("UsePermission", "Pin"):
        if name in members:
            members.fault(members.by_name[name], f"{name} needs GiverId: say whose it is.")
    return {}


def check_amount(members: Members, goal: SavingGoal, amount_minor: int | None) -> None:
    """A fault where the goal wants more or less; whether it has room for it is seen when the gift is recorded."""
    if amount_minor is None:
        return
    least_minor = state.least_minor(goal) if goal.minimum_minor else 0
    if amount_minor < least_minor:
        sentence = f"Amount must be at least {text_of(least_minor, goal.currency)}: the goal takes nothing less."
        members.fault(members.by_name["Amount"], sentence)
    if goal.maximum_minor is not None and amount_minor > goal.maximum_minor:
        sentence = f"Amount must be at most {text_of(goal.maximum_minor, goal.currency)}: the goal takes nothing more."
        members.fault(members.by_name["Amount"], sentence)


def _account(members: Members, goal: SavingGoal, accounts: list[PaymentAccount]) -> PaymentAccount | None:
    """Who is to be paid; None, without a fault, where the giver is to pick. Certificates pay for any goal."""
    is_test = goal.partner.is_test
    names = ", ".join(account.provider for account in accounts)
    if "ProviderName" not in members:
        return _offered(members, members.node, accounts[0], is_test=is_test) if len(accounts) == 1 else None
    name = members.read("ProviderName", rules.known_provider)
    chosen = next((account for account in accounts if account.provider == name), None)
    if chosen is None and name == CERTIFICATE.name:
        return account_for(goal)
    if name is not None and chosen is None:
        members.fault(members.by_name["ProviderName"], f"ProviderName must be one of the goal's providers: {names}.")
    return chosen and _offered(members, members.by_name["ProviderName"], chosen, is_test=is_test)


def _offered(members: Members, node: Node, account: PaymentAccount, *, is_test: bool) -> PaymentAccount:
    try:
        registry.adapter_offered(account.provider, is_test=is_test)
    except ProviderNotOffered as error:
        members.fault(node, str(error))
    return account
