"""A client of the Whipround API, complete in this one file: copy it into your own site and make it yours.

It needs `requests` and speaks XML. Amounts stay the decimals that stand on the wire, never floats.

    with WhiproundClient("https://give.example.org", key) as whipround:
        goal = whipround.make_goal(item_id="bike-7", name="A bicycle for Anna", amount="250.00", payee="anna@example.org")
        gift = whipround.contribute(goal.id, amount="20.00", contributor="Uncle Bob", idempotency_key=new_idempotency_key())
        ...  # send the giver's browser to gift.provider_url; when it comes back with ?Id=, ask:
        whipround.contribution(gift.id).status
"""

import re
import secrets
import time
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from decimal import Decimal
from types import TracebackType
from urllib.parse import quote

import requests

CONNECT_SECONDS, READ_SECONDS = 3.0, 10.0
"""How long the service may take to accept a connection, and between two pieces of its answer."""

PATIENCE_SECONDS = 10.0
"""How long to wait for the answer to the same request, sent twice at once."""

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class ServiceUnreachable(Exception):
    """No answer, or none that can be understood. What was sent may have been done: send it again with its idempotency key."""


class Problem(Exception):
    """The service said no: an RFC 9457 problem document.

    `code` is for programs, `detail` for people; `faults` are pairs of what is wrong with the body: where
    (`Contribution/Amount`), and a sentence that says what would be right.
    """

    def __init__(self, status: int, code: str, detail: str, faults: list[tuple[str, str]]) -> None:
        super().__init__(f"{status} {code}: {detail}")
        self.status, self.code, self.detail, self.faults = status, code, detail, faults

    @property
    def in_words(self) -> str:
        """What is wrong, in one sentence or more."""
        return " ".join(sentence for _, sentence in self.faults) or self.detail


@dataclass(frozen=True)
class SavingGoal:
    """What somebody saves for. `version` must be named when the goal is changed."""

    id: str
    name: str
    goal_amount: str
    current_amount: str
    currency: str
    confirmation_url: str
    cancel_url: str
    version: str

    @property
    def percent(self) -> int:
        """How much of the goal is reached, 0 to 100."""
        return max(0, min(100, int(100 * Decimal(self.current_amount) / Decimal(self.goal_amount))))


@dataclass(frozen=True)
class Contribution:
    """One gift. `provider_url` is where the giver pays; `status` is one of the API's eight words."""

    id: str
    amount: str
    currency: str
    date: str
    contributor: str
    message: str
    status: str
    reason: str
    provider: str
    provider_url: str
    refunded: str
    """How much of the amount was given back."""


class WhiproundClient:
    """Speaks for one partner. Every method may raise Problem and ServiceUnreachable."""

    def __init__(self, address: str, api_key: str) -> None:
        """`address`: where the service is, such as https://give.example.org, without /api."""
        self.address = address.rstrip("/")
        self.session = requests.Session()
        self.session.trust_env = False  # a proxy or a .netrc of this machine is not to see the key
        self.session.headers.update({"Authorization": f"Bearer {api_key}", "Accept": "application/xml"})

    def __enter__(self) -> "WhiproundClient":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.session.close()

    # --- Goals

    def make_goal(
        self,
        *,
        item_id: str,
        name: str,
        amount: str,
        payee: str,
        provider: str = "PayPal",
        confirmation_url: str = "",
        cancel_url: str = "",
        idempotency_key: str = "",
    ) -> SavingGoal:
        """A new goal. `payee`: who is paid at the provider; the URLs: where givers go afterwards, with ?Id= added."""
        body = _element("SavingGoal", ExternalItemId=item_id, Name=name, GoalAmount=amount)
        account = _element("PaymentProvider", ProviderName=provider, Credentials=payee)
        ET.SubElement(body, "PaymentProviders").append(account)
        _add(body, ConfirmationURL=confirmation_url, CancelURL=cancel_url)
        return _saving_goal(self._post("savings", body, idempotency_key))

    def goal(self, goal_id: str) -> SavingGoal:
        """The goal as it stands now."""
        return _saving_goal(self._call("GET", f"SavingGoal/{quote(goal_id, safe='')}"))

    def send_givers_to(self, goal: SavingGoal, *, confirmation_url: str, cancel_url: str) -> SavingGoal:
        """Change where givers go afterwards; Problem 409 where the goal has changed since it was read."""
        body = _element("SavingGoal", ConfirmationURL=confirmation_url, CancelURL=cancel_url, RecordVersionNumber=goal.version)
        return _saving_goal(self._call("PATCH", f"SavingGoal/{quote(goal.id, safe='')}", body))

    # --- Contributions

    def contribute(
        self, goal_id: str, *, amount: str, contributor: str, message: str = "", idempotency_key: str = ""
    ) -> Contribution:
        """A new contribution: the giver's browser is to go to its `provider_url` next."""
        body = _element("Contribution", Amount=amount, Contributor=contributor, Message=message)
        path = f"SavingGoal/{quote(goal_id, safe='')}/Contributions"
        return _contribution(self._post(path, body, idempotency_key))

    def contribution(self, contribution_id: str) -> Contribution:
        """The contribution as it stands now."""
        return _contribution(self._call("GET", f"Contribution/{quote(contribution_id, safe='')}"))

    def newest_contributions(self, goal_id: str, *, status: str) -> list[Contribution]:
        """At most 50 of the goal's contributions that have this status, newest first."""
        found = self._call("GET", f"SavingGoal/{quote(goal_id, safe='')}/Contributions?Status={quote(status)}")
        return [_contribution(one) for one in found]

    # --- On the wire

    def _post(self, path: str, body: ET.Element, idempotency_key: str) -> ET.Element:
        """Sent twice at once with the same key, the second waits for the answer of the first, which is its own too."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self._call("POST", path, body, **headers)
            except Problem as problem:
                if problem.code != "idempotency_key_in_use" or time.monotonic() > until:
                    raise
            time.sleep(0.2)

    def _call(self, verb: str, path: str, body: ET.Element | None = None, **headers: str) -> ET.Element:
        sent = None
        if body is not None:
            sent = ET.tostring(body, encoding="utf-8", xml_declaration=True)
            headers["Content-Type"] = "application/xml; charset=utf-8"
        try:
            answer = self.session.request(
                verb,
                f"{self.address}/api/{path}",
                data=sent,
                headers=headers,
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise ServiceUnreachable(f"{self.address} did not answer ({type(error).__name__})") from error
        try:
            document = ET.fromstring(answer.content)  # noqa: S314 - the service's own answer; expat bounds what it expands
        except ET.ParseError as error:
            raise ServiceUnreachable(f"{self.address} answered {answer.status_code} with something else than XML") from error
        if not answer.ok:
            raise _problem(answer.status_code, document)
        return document


def new_idempotency_key() -> str:
    """A name for one intent: send it again with the request when its answer got lost."""
    return secrets.token_urlsafe(18)


def _element(name: str, **children: str) -> ET.Element:
    """<name> with a child for each text; an empty text leaves its child out, what XML cannot carry is dropped."""
    element = ET.Element(name)
    _add(element, **children)
    return element


def _add(element: ET.Element, **children: str) -> None:
    for name, text in children.items():
        carried = _NOT_IN_XML.sub("", text)
        if carried:
            ET.SubElement(element, name).text = carried


def _saving_goal(element: ET.Element) -> SavingGoal:
    return SavingGoal(
        id=_text(element, "Id"),
        name=_text(element, "Name"),
        goal_amount=_text(element, "GoalAmount"),
        current_amount=_text(element, "CurrentAmount"),
        currency=_text(element, "Currency"),
        confirmation_url=element.findtext("ConfirmationURL", ""),
        cancel_url=element.findtext("CancelURL", ""),
        version=_text(element, "RecordVersionNumber"),
    )


def _contribution(element: ET.Element) -> Contribution:
    return Contribution(
        id=_text(element, "Id"),
        amount=_text(element, "Amount"),
        currency=_text(element, "Currency"),
        date=_text(element, "Date"),
        contributor=_text(element, "Contributor"),
        message=element.findtext("Message", ""),
        status=_text(element, "Status"),
        reason=element.findtext("StatusReason", ""),
        provider=element.findtext("ProviderName", ""),
        provider_url=element.findtext("ProviderURL", ""),
        refunded=_text(element, "RefundedAmount"),
    )


def _text(element: ET.Element, name: str) -> str:
    text = element.findtext(name)
    if text is None:
        raise ServiceUnreachable(f"the answer is a {element.tag[:50]} without {name}, which this service does not send")
    return text


def _problem(status: int, document: ET.Element) -> Problem:
    faults = [(fault.findtext("{*}path", ""), fault.findtext("{*}detail", "")) for fault in document.iterfind("{*}errors/{*}i")]
    return Problem(status, document.findtext("{*}code", ""), document.findtext("{*}detail", ""), faults)
