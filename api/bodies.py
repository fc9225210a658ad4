"""Bodies -> what the domain takes. Every fault is found and told at once; nothing is guessed."""

import difflib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar

import money
from contributions.models import Contribution
from contributions.opening import NewGift
from contributions.status import MOVES
from goals.models import CapturePolicy, PaymentAccount, SavingGoal
from goals.rules import GoalChange, live_accounts
from notifications import addresses
from notifications.models import WebhookEndpoint
from partners.models import Partner
from partners.redirects import BadRedirectURL, check_redirect_url
from providers import registry
from providers.base import AmountRefused, CredentialsRefused, ProviderNotOffered
from xml_schemas.characters import first_illegal
from xml_schemas.reader import MOST_FAULTS_TOLD, BodyFaults, Fault, Node

XML_BLANKS = " \t\r\n"
LONGEST_NAME, LONGEST_MESSAGE = 255, 2000
DEFAULT_CURRENCY = "USD"

ALIASES = {"ExternamItemId": "ExternalItemId", "ConfirmationUrl": "ConfirmationURL", "CancelUrl": "CancelURL"}
"""Names that stand on the API page of 2011 as well."""

GOAL_WRITABLE = (
    "ExternalItemId", "Name", "StartingAmount", "GoalAmount", "EndDate", "PaymentProviders",
    "ConfirmationURL", "CancelURL", "RecordVersionNumber", "Currency", "CapturePolicy", "Id",
)  # fmt: skip
GOAL_READ_ONLY = ("CurrentAmount", "Contributions", "RecordOwner", "AuthorizedAmount")
CONTRIBUTION_WRITABLE = ("Amount", "Contributor", "Message", "ProviderName")
CONTRIBUTION_READ_ONLY = (
    "Id", "Date", "Status", "ProviderURL", "RecordVersionNumber", "Currency", "RefundedAmount", "StatusReason",
    "SavingGoalId",
)  # fmt: skip

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])"
    r"(?:(\.[0-9]{1,6})[0-9]*)?"  # .NET writes seven digits; what is finer than a microsecond is let go
    r"(Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
)
_VERSION = re.compile(r"[0-9]{1,18}")

Value = TypeVar("Value")


class Unfit(ValueError):
    """A value that the rules do not allow; the message goes on after the element's name."""


class Members:
    """The children of one element by name. Whatever is wrong with them is collected in `faults`.

    JSON's null is the same as leaving the member out, but for `null_empties` (a PATCH), where it is an empty value.
    """

    def __init__(
        self,
        node: Node,
        writable: tuple[str, ...],
        read_only: tuple[str, ...],
        faults: list[Fault],
        *,
        null_empties: bool = False,
    ) -> None:
        self.node, self.faults = node, faults
        self.by_name: dict[str, Node] = {}
        _check_container(node, faults)
        seen: set[str] = set()
        for child in node.children:
            name = ALIASES.get(child.name, child.name)
            if name not in writable and name not in read_only:
                told = len(faults) < MOST_FAULTS_TOLD  # to look for what was meant takes longer than all the rest
                self.fault(child, _unknown(child.name, node.name, (*writable, *read_only), with_hint=told))
            elif name in seen:
                self.fault(child, f"{name} stands here twice: give it once.")
            elif null_empties or not child.is_null:
                self.by_name[name] = child
            seen.add(name)

    def fault(self, node: Node, sentence: str) -> None:
        self.faults.append(Fault(node.path, sentence, node.line))

    def __contains__(self, name: str) -> bool:
        return name in self.by_name

    def require(self, *names: str) -> None:
        """A fault for each that is not there."""
        for name in names:
            if name not in self.by_name:
                self.faults.append(
                    Fault(f"{self.node.path}/{name}", f"{name} is missing: it is required here.", self.node.line)
                )

    def read(
        self, name: str, rule: Callable[[str], Value], *, kept_exactly: bool = False, number: bool = False
    ) -> Value | None:
        """The value that `rule` makes of the element's text; None (and perhaps a fault) where there is none."""
        node = self.by_name.get(name)
        if node is None or not self._is_leaf(node, number):
            return None
        try:
            return rule(node.text if kept_exactly else node.text.strip(XML_BLANKS))
        except Unfit as error:
            self.fault(node, f"{name} {error}.")
            return None

    def _is_leaf(self, node: Node, number: bool) -> bool:
        illegal = first_illegal(node.text)
        if node.attributes:
            self.fault(node, f"{node.name} takes no attributes.")
        elif node.children:
            self.fault(node, f"{node.name} must hold a text, no further elements.")
        elif node.wrong_type or (node.is_number and not number):
            self.fault(node, f"{node.name} {node.wrong_type or 'must be a text'}.")
        elif illegal:
            self.fault(node, f"{node.name} holds the character {illegal}, which XML 1.0 cannot carry: leave it out.")
        else:
            return True
        return False


def _check_container(node: Node, faults: list[Fault]) -> None:
    if node.attributes:
        names = ", ".join(sorted(node.attributes))[:100]
        faults.append(Fault(node.path, f"{node.name} takes no attributes; it has {names}.", node.line))
    if node.wrong_type or node.text.strip(XML_BLANKS):
        faults.append(Fault(node.path, f"{node.name} holds elements, and no text of its own.", node.line))


def _unknown(name: str, parent: str, known: tuple[str, ...], *, with_hint: bool = True) -> str:
    if name.startswith("{"):
        return f"{name.split('}')[-1][:50]} stands in a namespace, and nothing does here: leave xmlns out."
    if not with_hint:
        return f"{name[:50]} is not an element of {parent}."
    by_lower_case = {one.lower(): one for one in known}
    close = difflib.get_close_matches(name[:50].lower(), by_lower_case, n=1)
    hint = f"did you mean {by_lower_case[close[0]]}?" if close else f"it knows {', '.join(sorted(known))}."
    return f"{name[:50]} is not an element of {parent}; {hint}"


# --- Goals ----------------------------------------------------------------------------------------------------------


def read_goal(
    node: Node, partner: Partner, *, stored: SavingGoal | None = None, partial: bool = False
) -> tuple[GoalChange, int | None]:
    """What a SavingGoal body asks for, and the RecordVersionNumber it names.

    Without `stored` a new goal; with it a replacement (what is left out goes back to its default, but for Currency,
    CapturePolicy and Credentials, which a client of 2011 cannot know), or, where `partial`, a change of what is given.
    Raises BodyFaults.
    """
    faults: list[Fault] = []
    _check_root(node, "SavingGoal")
    members = Members(node, GOAL_WRITABLE, GOAL_READ_ONLY, faults, null_empties=partial)
    if not partial:
        members.require("ExternalItemId", "Name", "GoalAmount", "PaymentProviders")
    values = _goal_values(members, partner, stored, partial)
    accounts = _accounts(members, stored, faults)
    _check_currency(members, values.get("currency", stored.currency if stored else DEFAULT_CURRENCY), accounts, stored)
    version = members.read("RecordVersionNumber", _version, number=True) if stored else None
    given_id = members.read("Id", str) if stored else None
    if stored and given_id is not None and given_id != stored.public_id:
        members.fault(members.by_name["Id"], "Id must be the one in the path, or be left out.")
    if faults:
        raise BodyFaults(faults)
    return GoalChange(values, accounts), version


def _goal_values(members: Members, partner: Partner, stored: SavingGoal | None, partial: bool) -> dict[str, Any]:
    currency = members.read("Currency", _currency) or (stored.currency if stored else DEFAULT_CURRENCY)

    def url(text: str) -> str:
        if text:
            try:
                check_redirect_url(partner, text)
            except BadRedirectURL as error:
                raise Unfit(str(error)) from None
        return text

    given: dict[str, tuple[str, Any]] = {
        "ExternalItemId": ("external_item_id", members.read("ExternalItemId", _text(1, LONGEST_NAME))),
        "Name": ("name", members.read("Name", _text(1, LONGEST_NAME), kept_exactly=True)),
        "StartingAmount": ("starting_minor", members.read("StartingAmount", _amount(currency, zero=True), number=True)),
        "GoalAmount": ("goal_minor", members.read("GoalAmount", _amount(currency), number=True)),
        "Currency": ("currency", currency),
        "CapturePolicy": ("capture_policy", members.read("CapturePolicy", _capture_policy)),
        "ConfirmationURL": ("confirmation_url", members.read("ConfirmationURL", url)),
        "CancelURL": ("cancel_url", members.read("CancelURL", url)),
    }
    values = {column: value for name, (column, value) in given.items() if name in members}
    ends_at, with_the_day = members.read("EndDate", _end_date) or (None, False)
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


def _accounts(members: Members, stored: SavingGoal | None, faults: list[Fault]) -> Mapping[str, str | None] | None:
    if "PaymentProviders" not in members:
        return None
    container = members.by_name["PaymentProviders"]
    _check_container(container, faults)
    known = {account.provider for account in stored.payment_accounts.filter(retired_at=None)} if stored else set()
    accounts: dict[str, str | None] = {}
    if not container.children:
        members.fault(container, "PaymentProviders must hold at least one PaymentProvider.")
    for node in container.children:
        if node.name != "PaymentProvider":
            members.fault(node, _unknown(node.name, "PaymentProviders", ("PaymentProvider",)))
            continue
        one = Members(node, ("ProviderName", "Credentials"), (), faults)
        one.require("ProviderName")
        name = one.read("ProviderName", _provider_name)
        if name is None:
            continue
        if name in accounts:
            one.fault(node, f"{name} stands here twice: give each provider once.")
        if name not in known:
            one.require("Credentials")
        accounts[name] = one.read("Credentials", _credentials(name))
    return accounts


def _check_currency(
    members: Members, currency: str, accounts: Mapping[str, str | None] | None, stored: SavingGoal | None
) -> None:
    """A fault for each provider at which nobody can be paid in the goal's currency."""
    if accounts is None:
        if stored is None or currency == stored.currency:
            return
        accounts = {account.provider: None for account in live_accounts(stored)}
    node = next((members.by_name[name] for name in ("Currency", "PaymentProviders") if name in members), members.node)
    for provider in accounts:
        try:
            registry.adapter_offered(provider).check_currency(currency)
        except AmountRefused as error:
            members.fault(node, f"The goal's currency does not go with {provider}: {error}")
        except ProviderNotOffered:
            pass  # told where the provider was named; what is stored already is nobody's fault here


# --- Contributions --------------------------------------------------------------------------------------------------


def read_gift(node: Node, goal: SavingGoal, accounts: list[PaymentAccount]) -> NewGift:
    """What a Contribution body asks for; undecided where it leaves one of several providers to the giver. Raises BodyFaults."""
    faults: list[Fault] = []
    _check_root(node, "Contribution")
    members = Members(node, CONTRIBUTION_WRITABLE, CONTRIBUTION_READ_ONLY, faults)
    members.require("Amount", "Contributor")
    amount_minor = members.read("Amount", _amount(goal.currency), number=True)
    contributor = members.read("Contributor", _text(1, LONGEST_NAME), kept_exactly=True)
    message = members.read("Message", _text(0, LONGEST_MESSAGE), kept_exactly=True)
    account = _account(members, accounts)
    if faults or amount_minor is None or contributor is None:
        raise BodyFaults(faults)
    if account is None:
        return NewGift(amount_minor, contributor, message, None)
    return NewGift(amount_minor, contributor, message, account)


def _account(members: Members, accounts: list[PaymentAccount]) -> PaymentAccount | None:
    """Who is to be paid; None, without a fault, where the giver is to pick."""
    names = ", ".join(account.provider for account in accounts)
    if "ProviderName" not in members:
        return _offered(members, members.node, accounts[0]) if len(accounts) == 1 else None
    name = members.read("ProviderName", _known_provider)
    chosen = next((account for account in accounts if account.provider == name), None)
    if name is not None and chosen is None:
        members.fault(members.by_name["ProviderName"], f"ProviderName must be one of the goal's providers: {names}.")
    return chosen and _offered(members, members.by_name["ProviderName"], chosen)


def _offered(members: Members, node: Node, account: PaymentAccount) -> PaymentAccount:
    try:
        registry.adapter_offered(account.provider)
    except ProviderNotOffered as error:
        members.fault(node, str(error))
    return account


# --- Refunds -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RefundWish:
    """What a Refund body asks for; no amount: all that is left."""

    amount_minor: int | None
    reason: str | None


def read_refund(node: Node, contribution: Contribution) -> RefundWish:
    """What a Refund body asks for. Raises BodyFaults."""
    faults: list[Fault] = []
    _check_root(node, "Refund")
    members = Members(node, ("Amount", "Reason"), ("Id", "Status", "Date"), faults)
    amount_minor = members.read("Amount", _amount(contribution.currency), number=True)
    reason = members.read("Reason", _text(0, LONGEST_MESSAGE), kept_exactly=True)
    if faults:
        raise BodyFaults(faults)
    return RefundWish(amount_minor, reason)


# --- Webhook endpoints ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EndpointWish:
    """What a WebhookEndpoint body asks for; no event types: all of them."""

    url: str
    event_types: tuple[str, ...]
    message_format: str
    version: int | None


EVENT_TYPES = tuple(sorted(set(MOVES.values())))
"""What a partner can be told of contributions."""


def read_endpoint(node: Node) -> EndpointWish:
    """What a WebhookEndpoint body asks for. Raises BodyFaults."""
    faults: list[Fault] = []
    _check_root(node, "WebhookEndpoint")
    writable = ("URL", "EventTypes", "Format", "RecordVersionNumber")
    members = Members(node, writable, ("State", "Secret", "Date"), faults)
    members.require("URL")
    url = members.read("URL", _webhook_url)
    message_format = members.read("Format", _message_format)
    version = members.read("RecordVersionNumber", _version, number=True)
    event_types = _event_types(members, faults)
    if faults or url is None:
        raise BodyFaults(faults)
    return EndpointWish(url, event_types, message_format or WebhookEndpoint.Format.JSON, version)


def _event_types(members: Members, faults: list[Fault]) -> tuple[str, ...]:
    if "EventTypes" not in members:
        return ()
    container = members.by_name["EventTypes"]
    _check_container(container, faults)
    wanted: dict[str, None] = {}
    for node in container.children:
        if node.name != "EventType" or node.children or node.attributes or node.wrong_type:
            members.fault(node, _unknown(node.name, "EventTypes", ("EventType",)))
        elif node.text.strip(XML_BLANKS) not in EVENT_TYPES:
            members.fault(node, f"EventType must be one of {', '.join(EVENT_TYPES)}.")
        else:
            wanted[node.text.strip(XML_BLANKS)] = None
    return tuple(wanted)


def _webhook_url(text: str) -> str:
    try:
        addresses.read(text)
    except addresses.BadAddress as error:
        raise Unfit(without_subject(error)) from None
    return text


def without_subject(error: addresses.BadAddress) -> str:
    """What is wrong with an address, to go on after the element's name."""
    return str(error).removeprefix("the webhook URL ")


def _message_format(text: str) -> str:
    if text not in WebhookEndpoint.Format.values:
        raise Unfit(f"must be one of {', '.join(WebhookEndpoint.Format.values)}")
    return text


# --- Rules for values -----------------------------------------------------------------------------------------------


def _check_root(node: Node, name: str) -> None:
    if node.name != name:
        sentence = f"The document must be a {name}{', in no namespace' if node.name.startswith('{') else ''}."
        raise BodyFaults([Fault(node.path, sentence, node.line)])


def _text(shortest: int, longest: int) -> Callable[[str], str]:
    def rule(text: str) -> str:
        if not shortest <= len(text) <= longest:
            raise Unfit(f"must have {shortest} to {longest} characters; it has {len(text)}")
        return text

    return rule


def _amount(currency: str, *, zero: bool = False) -> Callable[[str], int]:
    def rule(text: str) -> int:
        try:
            minor = money.parse(text, currency)
        except money.BadAmount as error:
            raise Unfit(str(error)) from None
        if not minor and not zero:
            raise Unfit("must be more than 0")
        return minor

    return rule


def _currency(text: str) -> str:
    try:
        money.decimals_of(text)
    except money.UnknownCurrency as error:
        raise Unfit(str(error)) from None
    return text


def _capture_policy(text: str) -> str:
    if text not in CapturePolicy.values:
        raise Unfit(f"must be one of {', '.join(CapturePolicy.values)}")
    return text


def _version(text: str) -> int:
    if not _VERSION.fullmatch(text):
        raise Unfit("must be the whole number that the last GET gave")
    return int(text)


def _end_date(text: str) -> tuple[datetime | None, bool]:
    if not text:
        return None, False
    try:
        if _DATE.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), time.max, UTC), True
        if found := _DATE_TIME.fullmatch(text):
            return datetime.fromisoformat("".join(part or "" for part in found.groups())).astimezone(UTC), False
    except (ValueError, OverflowError):
        pass  # shaped like a date, but there is no such day: the same sentence helps
    raise Unfit("must be a day such as 2027-06-30 or a moment with its offset such as 2027-06-30T18:00:00+02:00")


def _known_provider(text: str) -> str:
    name = registry.canonical_name(text)
    if name is None:
        raise Unfit(f"must be one of {', '.join(registry.PROVIDER_NAMES)}")
    return name


def _provider_name(text: str) -> str:
    name = _known_provider(text)
    try:
        registry.adapter_offered(name)
    except ProviderNotOffered as error:
        raise Unfit(f"cannot be {name}: {error}".rstrip(".")) from None
    return name


def _credentials(provider: str) -> Callable[[str], str]:
    def rule(text: str) -> str:
        try:
            registry.adapter_offered(provider).check_credentials(text)
        except CredentialsRefused as error:
            raise Unfit(str(error)) from None
        return text

    return rule
