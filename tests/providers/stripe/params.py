"""What Stripe lets be asked: forms with brackets, judged by the parameter types of Stripe's own Python client."""

import builtins
import functools
import importlib
import re
import typing
from typing import Any
from urllib.parse import parse_qsl

import typing_extensions

TYPES = {
    "create": "checkout.SessionCreateParams",
    "get": "checkout.SessionRetrieveParams",
    "expire": "checkout.SessionExpireParams",
    "create_intent": "PaymentIntentCreateParams",
    "take_token": "PaymentMethodCreateParams",
    "confirm": "PaymentIntentConfirmParams",
    "list_intents": "PaymentIntentListParams",
    "get_card": "PaymentMethodRetrieveParams",
    "detach": "PaymentMethodDetachParams",
    "get_intent": "PaymentIntentRetrieveParams",
    "capture": "PaymentIntentCaptureParams",
    "cancel": "PaymentIntentCancelParams",
    "refund": "RefundCreateParams",
    "get_refund": "RefundRetrieveParams",
    "list_refunds": "RefundListParams",
    "list_disputes": "DisputeListParams",
    "reverse": "TransferCreateReversalParams",
    "send": "TransferCreateParams",
    "list_transfers": "TransferListParams",
    "list_accounts": "AccountListParams",
    "create_account": "AccountCreateParams",
    "get_account": "AccountRetrieveParams",
    "create_link": "AccountLinkCreateParams",
    "list_webhooks": "WebhookEndpointListParams",
}
OPTIONS = {"api_key", "stripe_version", "stripe_account", "stripe_context", "idempotency_key", "max_network_retries"}
"""What the client takes beside the parameters: it goes into headers, or nowhere."""

_KEY = re.compile(r"([a-z_]+)((?:\[[A-Za-z0-9_-]*\])*)")


def tree_of(form: str) -> dict[str, Any]:
    """The parameters that a form or a query holds; arrays are objects with numbers for names. Raises ValueError."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(form, keep_blank_values=True, strict_parsing=bool(form)):
        found = _KEY.fullmatch(name)
        if found is None:
            raise ValueError(f"{name} is no parameter")
        steps = [found[1], *re.findall(r"\[([^\]]*)\]", found[2])]
        at = tree
        for step in steps[:-1]:
            at = at.setdefault(step, {})
        if not isinstance(at, dict):
            raise ValueError(f"{name} is a value and an object in one")  # noqa: TRY004 - what was sent is wrong
        last = steps[-1] or str(len(at))
        if last in at:
            raise ValueError(f"{name} stands there twice")
        at[last] = value
    return tree


def faults(operation: str, tree: dict[str, Any]) -> list[str]:
    """What Stripe would not accept, one sentence each."""
    if operation not in TYPES:
        return []
    module, _, name = f"stripe.params.{TYPES[operation]}".rpartition(".")
    return list(_faults_of_object(getattr(importlib.import_module(module), name), tree, operation))


class _Names(dict[str, Any]):
    """A module's names; any other that its annotations mention stands for nothing that is asked in a form."""

    def __missing__(self, name: str) -> Any:
        return getattr(typing, name, None) or getattr(builtins, name, object)


@functools.cache
def _members_of(kind: Any) -> dict[str, Any]:
    names = _Names(vars(importlib.import_module(kind.__module__)))
    return {name: hint for name, hint in typing.get_type_hints(kind, None, names).items() if name not in OPTIONS}


def _faults_of_object(kind: Any, given: Any, where: str) -> typing.Iterator[str]:
    if not isinstance(given, dict):
        yield f"{where} must be an object"
        return
    members = _members_of(kind)
    for name in kind.__required_keys__ - OPTIONS - set(given):
        yield f"{where}: {name} is missing"
    for name, value in given.items():
        if name not in members:
            yield f"{where}: unknown parameter {name}"
        else:
            yield from _faults_of(members[name], value, f"{where}[{name}]")


def _faults_of(kind: Any, given: Any, where: str) -> typing.Iterator[str]:
    choices = typing.get_args(kind)
    origin = typing.get_origin(kind)
    if typing_extensions.is_typeddict(kind):
        yield from _faults_of_object(kind, given, where)
    elif origin is list:
        if not isinstance(given, dict) or set(given) != {str(number) for number in range(len(given))}:
            yield f"{where} must be an array"
        else:
            for number, one in given.items():
                yield from _faults_of(choices[0], one, f"{where}[{number}]")
    elif origin is dict:
        if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
            yield f"{where} must be a hash of texts"
    elif origin is typing.Literal:
        if given not in choices:
            yield f"{where} must be one of {choices}, not {given}"
    elif choices:  # a union: a list of words and str stands for the words
        named = [one for one in choices if typing.get_origin(one) is typing.Literal and isinstance(given, str)]
        named += [bool] if named and bool in choices else []
        if all(list(_faults_of(one, given, where)) for one in named or choices):
            yield f"{where} must be {kind}, not {given!r}"
    elif kind is int and not (isinstance(given, str) and re.fullmatch(r"-?[0-9]+", given)):
        yield f"{where} must be a whole number, not {given!r}"
    elif kind is bool and given not in ("true", "false"):
        yield f"{where} must be true or false, not {given!r}"
    elif kind is str and not isinstance(given, str):
        yield f"{where} must be a text"
