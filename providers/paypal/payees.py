"""Who is paid, as PayPal tells it."""

from providers.base import PaymentRequest
from providers.kit.reading import Json, an_object, text

_LONGEST_MERCHANT_ID = 64


def payee_of(request: PaymentRequest, *told: object) -> str:
    """Who PayPal says is paid, by the kind of name that the request has. E-mail addresses are compared without regard to case.

    The first of `told` that names anybody counts. Where none does it is the request's: PayPal need not repeat the payee,
    whom we named as we created the order. Our address may also be told as the merchant id that PayPal had for it then.
    Empty where somebody is named in a way that cannot be compared.
    """
    named = next((one for one in told if _names_somebody(one)), None)
    if named is None:
        return request.payee
    address, merchant_id = text(an_object(named).get("email_address")), text(an_object(named).get("merchant_id"))
    if "@" not in request.payee:
        return merchant_id
    if address:
        return request.payee if address.casefold() == request.payee.casefold() else address
    if not request.payee_id:
        return ""
    return request.payee if merchant_id == request.payee_id else merchant_id


def payee_id_in(created: Json, request: PaymentRequest) -> str:
    """The merchant id that PayPal tells for our payee as it creates the order, which nobody else can know of yet; or empty."""
    units = created.get("purchase_units")
    payee = an_object(an_object(units[0]).get("payee")) if isinstance(units, list) and len(units) == 1 else {}
    address, merchant_id = payee.get("email_address"), text(payee.get("merchant_id"))
    same = not address or text(address).casefold() == request.payee.casefold()
    return merchant_id if same and len(merchant_id) <= _LONGEST_MERCHANT_ID else ""


def _names_somebody(payee: object) -> bool:
    return bool(payee.get("email_address") or payee.get("merchant_id")) if isinstance(payee, dict) else bool(payee)
