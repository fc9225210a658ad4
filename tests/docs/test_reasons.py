"""Every StatusReason that the code can give stands in the guide, and no other does."""

import ast
import re

import pytest

from contributions.decisions import mismatch
from contributions.status import Status
from providers.base import Payment, PaymentRequest, PaymentState
from tests.docs.examples import ROOT
from tests.docs.pages_and_code import CODE, PARTNERS, codes_in, nodes_in, rows_of, section_of

pytestmark = pytest.mark.no_database


def _reasons() -> tuple[set[str], list[str]]:
    """Reasons that stand in the code in full, and patterns of those that are put together."""
    literal, put_together = set(), []
    printing = {ROOT / "contributions" / f"decision_{name}.py" for name in ("cases", "table")}  # what others decide
    about_payees = {file for file in CODE if file.stem in {"payees", "onboarding", "strict", "transfers"}}  # and of no gift
    nodes = [
        node
        for file in CODE
        if file not in printing | about_payees and file.relative_to(ROOT).parts[0] in {"contributions", "providers"}
        for node in nodes_in(file)
    ]
    about_refunds = {
        id(inside) for one in nodes if isinstance(one, ast.FunctionDef) and "refund" in one.name for inside in ast.walk(one)
    }  # why a refund failed is not a contribution's StatusReason
    for node in nodes:
        for value in [] if id(node) in about_refunds and isinstance(node, ast.Call) else _given_in(node):
            inside = [one for one in ast.walk(value) if isinstance(one, ast.JoinedStr)]
            put_together += ["".join(_part(one) for one in text.values) for text in inside]
            in_texts = {id(part) for text in inside for part in ast.walk(text)}
            literal |= {
                one.value
                for one in ast.walk(value)
                if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value and id(one) not in in_texts
                if re.fullmatch(r"[a-z][a-z0-9_]+", one.value)
            }
    return literal - FOR_THE_HISTORY_ALONE, put_together


KEYWORDS = {"reason", "intent_reason", "release", "why_not", "otherwise"}
POSITIONS = {
    "ProviderRefused": 0,
    "PayerActionRequired": 0,
    "refusal": 0,
    "final": 0,
    "payer_must_act": 0,
    "Meaning": 1,
    "Move": 1,
    "legal_move": 2,
    "_let_go": 1,
}
"""Which argument of a call is a reason."""


def _given_in(node: ast.AST) -> list[ast.expr]:
    """The expressions of a node that stand for a reason; a note is for the history alone."""
    match node:
        case ast.Call():
            name = ast.unparse(node.func).rpartition(".")[2]
            named = [keyword.value for keyword in node.keywords if keyword.arg in KEYWORDS and name != "note"]
            return named + [one for at, one in enumerate(node.args) if POSITIONS.get(name) == at]
        case ast.Assign() if [ast.unparse(target) for target in node.targets] in (["reason"], ["REASONS"]):
            return [node.value]
        case ast.Assign(targets=[ast.Tuple(elts=targets), *_], value=ast.Tuple(elts=values)) if len(targets) == len(values):
            return [value for target, value in zip(targets, values, strict=True) if ast.unparse(target) == "reason"]
        case ast.FunctionDef(name="_reason"):
            return [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value]
        case ast.Dict():
            return [value for name, value in zip(node.keys, node.values, strict=True) if _is(name, "intent_reason")]
    return []


FOR_THE_HISTORY_ALONE = {"erased", "partly_refunded", "unwanted_money", "paid_twice", "dispute_won", "provider_picked"}
"""Reasons of what happens within a status: they never become its StatusReason."""


def _is(node: ast.expr | None, value: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == value


def _part(value: ast.expr) -> str:
    return re.escape(value.value) if isinstance(value, ast.Constant) else "[a-z]+"


def _mismatches() -> set[str]:
    ordered = PaymentRequest("PayPal", "reference", 1, "USD", "payee", True, "", "", "")
    told = {"amount_minor": 1, "currency": "USD", "payee": "payee", "reference": "reference"}
    return {
        mismatch(ordered, Payment(PaymentState.CAPTURED, **told | {name: other}))
        for name, other in {"amount_minor": 2, "currency": "EUR", "payee": "other", "reference": "other"}.items()
    }


def test_every_status_reason_is_documented_and_no_other():
    literal, put_together = _reasons()
    assert {"giver_cancelled", "instrument_declined", "provider_unreachable", "goal_deleted"} <= literal
    assert {"goal_not_reached", "authorization_lapsed", "chargeback", "refunded", "review_denied"} <= literal
    assert "refund_refused" not in literal
    rows = [row for row in rows_of(section_of(PARTNERS, "Statuses")) if codes_in(row[0])[0] not in set(Status)]
    documented = {code for row in rows for code in codes_in(row[0])}
    assert literal | _mismatches() <= documented
    unknown = documented - literal - _mismatches()
    assert {code for code in unknown if not any(re.fullmatch(pattern, code) for pattern in put_together)} == set()
    assert [pattern for pattern in put_together if not any(re.fullmatch(pattern, code) for code in documented)] == []


def test_every_reason_of_the_history_alone_is_documented():
    rows = rows_of(section_of(PARTNERS, "Reasons in the History"))
    assert {code for row in rows for code in codes_in(row[0])} == FOR_THE_HISTORY_ALONE
