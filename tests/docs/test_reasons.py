"""Every StatusReason that the code can give stands in the guide, and no other does."""

import ast
import re

import pytest

from contributions.decisions import mismatch
from contributions.status import Status
from providers.base import Payment, PaymentRequest, PaymentState
from tests.docs.examples import ROOT
from tests.docs.pages_and_code import (
    CODE,
    PARTNERS,
    codes_in,
    rows_of,
    section_of,
)  # fmt: skip

pytestmark = pytest.mark.no_database


def _reasons() -> tuple[set[str], list[str]]:
    """Reasons that stand in the code in full, and patterns of those that are put together."""
    literal, put_together = set(), []
    printing = {ROOT / "contributions" / f"decision_{name}.py" for name in ("cases", "table")}  # what others decide
    nodes = [
        node
        for file in CODE
        if file not in printing and file.relative_to(ROOT).parts[0] in {"contributions", "providers"}
        for node in ast.walk(ast.parse(file.read_text()))
    ]
    about_refunds = {
        id(inside) for one in nodes if isinstance(one, ast.FunctionDef) and "refund" in one.name for inside in ast.walk(one)
    }  # why a refund failed is not a contribution's StatusReason
    for node in nodes:
        given: list[ast.expr] = []
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            if name == "note" or id(node) in about_refunds:  # a note is for the history alone
                continue
            given += [
                keyword.value
                for keyword in node.keywords
                if keyword.arg in {"reason", "intent_reason", "release", "why_not", "otherwise"}
            ]
            given += node.args[:1] if name in {"ProviderRefused", "refusal", "final", "payer_must_act"} else []
            given += node.args[1:2] if name == "Meaning" else []
            given += node.args[1:2] if name == "Move" else []
            given += node.args[2:3] if name == "_move" else []
        elif isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] in (["reason"], ["REASONS"]):
            given.append(node.value)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = zip(node.targets[0].elts, node.value.elts, strict=True)
            given += [value for target, value in pairs if ast.unparse(target) == "reason"]
        elif isinstance(node, ast.FunctionDef) and node.name == "_reason":
            given += [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value]
        elif isinstance(node, ast.Dict):
            given += [value for name, value in zip(node.keys, node.values, strict=True) if _is(name, "intent_reason")]
        for value in given:
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


FOR_THE_HISTORY_ALONE = {"partly_refunded", "unwanted_money", "paid_twice", "dispute_won", "provider_picked"}
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
