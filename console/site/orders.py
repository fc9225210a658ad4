"""What an operator orders. Each has a reason, is written into the audit log before it is done, and is done by the domain's
own functions, which refuse what they would refuse a partner."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

import card_numbers
import money
import security_log
from console.models import Operator
from console.site import sessions
from console.site.doors import for_operators, see_other
from console.site.gifts import gift_or_404
from contributions import asking_now, deletion, refunds
from contributions import attention as attention_list
from contributions.causes import Cause
from contributions.models import Attention, Contribution, Refund
from ids import is_id
from lookups import one_or_none
from notifications import endpoints
from notifications.models import Event
from partners import audit_log, changes, keys
from partners.models import ApiKey, Partner
from partners.registration import BadPartner
from providers import registry
from providers.errors import AmountRefused
from web import places, proxies

SHORTEST_REASON, LONGEST_REASON = 3, 500

REFUSALS = (
    *(refunds.CannotRefund, refunds.RefundTooLarge, AmountRefused, money.BadAmount),
    *(deletion.CannotDelete, deletion.BeingSettled),
    *(endpoints.NoEndpoint, keys.NoSuchKey, keys.AmbiguousPrefix, keys.BadKeyName, BadPartner),
)
"""What the domain says no with: sentences for a person."""


class NoReason(ValueError):
    """Nobody said why."""


@dataclass(frozen=True)
class Order:
    """Who wants what done to which record, and where the answer is shown."""

    operator: Operator
    action: str
    about: str
    back: str
    partner_id: int | None = None
    wish: Mapping[str, Any] | None = None


def carry_out(request: HttpRequest, order: Order, do: Callable[[], str]) -> HttpResponse:
    """Write it down and do it, as the operator; `do` returns what has come of it, or raises one of REFUSALS.

    The row stands before anything is done, whatever comes of it; a refusal is a second one.
    """
    try:
        reason = _reason(request)
    except NoReason as error:
        return _answer(request, order, f"Not done: {error}")
    address = proxies.address_of(request)
    name = f"{order.operator.name}: console"
    with audit_log.acting(audit_log.Actor(audit_log.Kind.OPERATOR, name, address)):
        _record(order, f"console.{order.action}", {**(order.wish or {}), "reason": reason})
        security_log.tell("operator_action", detail=order.action, about=order.about, account=name)
        try:
            said = do()
        except REFUSALS as error:
            _record(order, f"console.{order.action}_refused", {"why": str(error)[:500]})
            said = f"Not done: {error}"
    return _answer(request, order, said)


def _record(order: Order, action: str, after: Mapping[str, Any]) -> None:
    with transaction.atomic():
        audit_log.record(action, order.about, partner_id=order.partner_id, after=after)


def _reason(request: HttpRequest) -> str:
    """Raises NoReason."""
    reason = " ".join(request.POST.get("reason", "").split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON or not reason.isprintable():
        raise NoReason(f"say why, in {SHORTEST_REASON} to {LONGEST_REASON} characters.")
    return card_numbers.masked(reason)


def _answer(request: HttpRequest, order: Order, said: str) -> HttpResponse:
    sessions.tell(request, said)
    return see_other(order.back)


# --- About a gift -----------------------------------------------------------------------------------------------------


def _about_gift(request: HttpRequest, order: Order, gift: Contribution, do: Callable[[], str]) -> HttpResponse:
    """As carry_out, with one of the places of those who wait for providers: taken before anything is written."""
    try:
        with places.place(request, gift.partner_id, gift.public_id, gift.current_checkout.host):
            return carry_out(request, order, do)
    except places.NoPlace as error:
        return _answer(request, order, f"Not done: {error}")


def _order_about(gift: Contribution, operator: Operator, action: str, **wish: Any) -> Order:
    return Order(operator, action, gift.public_id, f"/gifts/{gift.public_id}", gift.partner_id, wish)


@for_operators
@require_POST
def ask_now(request: HttpRequest, operator: Operator, gift_id: str) -> HttpResponse:
    gift = gift_or_404(gift_id)

    def do() -> str:
        asked = asking_now.ask_now(gift)
        if not asked.was_asked:
            return "Not asked: somebody else is asking at this moment."
        if asked.silent:
            return "Asked: the provider did not answer."
        if not asked.changes:
            return "Asked: the provider's answer changes nothing."
        return f"Asked: the provider's answer has changed this. {'; '.join(asked.changes)}"

    return _about_gift(request, _order_about(gift, operator, "ask_now"), gift, do)


@for_operators
@require_POST
def refund(request: HttpRequest, operator: Operator, gift_id: str) -> HttpResponse:
    """Of an amount, or of all that is left. The form holds the refund's id: sent twice, it is one refund."""
    gift = gift_or_404(gift_id)
    amount, refund_id = request.POST.get("amount", "").strip()[:40], request.POST.get("refund", "")
    if not is_id(refund_id) or Refund.objects.filter(public_id=refund_id).exclude(contribution=gift).exists():
        raise Http404

    def do() -> str:
        amount_minor = money.parse(amount, gift.currency) if amount else None
        made = refunds.ask(gift, amount_minor=amount_minor, reason=None, public_id=refund_id, cause=Cause.OPERATOR)
        text = f"{money.text_of(made.amount_minor, gift.currency)} {gift.currency}"
        return f"Refund {made.public_id} of {text}: {made.status}{f' ({made.failure})' if made.failure else ''}."

    order = _order_about(gift, operator, "refund", refund=refund_id, amount=amount or "all that is left")
    return _about_gift(request, order, gift, do)


@for_operators
@require_POST
def release(request: HttpRequest, operator: Operator, gift_id: str) -> HttpResponse:
    """Cancel what nobody has paid, void what is held."""
    gift = gift_or_404(gift_id)

    def do() -> str:
        deletion.delete_contribution(gift)
        gift.refresh_from_db()
        return f"Released: the gift is {gift.status}."

    return _about_gift(request, _order_about(gift, operator, "release"), gift, do)


@for_operators
@require_POST
def redeliver(request: HttpRequest, operator: Operator, event_id: str) -> HttpResponse:
    event = one_or_none(Event.objects.filter(public_id=event_id)) if "\0" not in event_id else None
    if event is None:
        raise Http404

    def do() -> str:
        sent = endpoints.send_again(event)
        return f"Event {event_id} is on its way again to {len(sent)} endpoint{'s' if len(sent) != 1 else ''}."

    back = f"/gifts/{event.about}" if Contribution.objects.filter(public_id=event.about).exists() else ""
    return carry_out(request, Order(operator, "redeliver", event.public_id, back, event.partner_id), do)


@for_operators
@require_POST
def solved(request: HttpRequest, operator: Operator, number: str) -> HttpResponse:
    row = one_or_none(Attention.objects.filter(pk=number))
    if row is None:
        raise Http404

    def do() -> str:
        taken_off = attention_list.take_off(int(number))
        return f"{number} is off the list." if taken_off else f"{number} was off the list already."

    order = Order(operator, "solved", row.about, "/attention", wish={"number": int(number), "kind": row.kind})
    return carry_out(request, order, do)


# --- About a partner --------------------------------------------------------------------------------------------------


@for_operators
@require_POST
def switch_provider(request: HttpRequest, operator: Operator, number: str) -> HttpResponse:
    """On or off, for the partner live and in test alike."""
    partner = one_or_none(Partner.objects.filter(pk=number))
    provider, on = request.POST.get("provider", ""), request.POST.get("on") == "1"
    if partner is None or provider not in registry.PROVIDER_NAMES:
        raise Http404

    def do() -> str:
        changes.switch_provider(partner.name, provider, on=on)
        return f"{provider} is {'on' if on else 'off'} for {partner.name}, live and in test."

    wish = {"provider": provider, "on": on}
    return carry_out(request, Order(operator, "switch_provider", partner.name, f"/partners/{number}", partner.pk, wish), do)


@for_operators
@require_POST
def rename_key(request: HttpRequest, operator: Operator, number: str) -> HttpResponse:
    key, name = _key_or_404(number), request.POST.get("name", "").strip()

    def do() -> str:
        return f"{keys.rename(key.prefix, name)} is called {name!r} now."

    order = Order(operator, "rename_key", str(key), f"/partners/{key.partner_id}", key.partner_id, {"name": name[:100]})
    return carry_out(request, order, do)


@for_operators
@require_POST
def revoke_key(request: HttpRequest, operator: Operator, number: str) -> HttpResponse:
    key = _key_or_404(number)

    def do() -> str:
        return f"{keys.revoke(key.prefix)} is revoked."

    return carry_out(request, Order(operator, "revoke_key", str(key), f"/partners/{key.partner_id}", key.partner_id), do)


def _key_or_404(number: str) -> ApiKey:
    """Raises Http404."""
    key = one_or_none(ApiKey.objects.filter(pk=number))
    if key is None:
        raise Http404
    return key
