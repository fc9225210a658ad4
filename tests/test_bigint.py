"""Arithmetic in the database is done with numbers of 64 bits, everywhere in the product."""

import ast

import pytest
from django.db.models import F

from bigint import bigint
from goals.models import SavingGoal
from tests.product import PRODUCT, ROOT

NUMBERS = {"F", "OuterRef", "Subquery", "Sum", "Count", "Min", "Max", "Avg", "Abs", "Mod", "Window", "RawSQL"}
"""What makes an expression out of columns; its arguments are names and queries."""

WRAPPERS = {"Coalesce", "Greatest", "Least", "NullIf", "Case", "ExpressionWrapper", "Cast", "Func"}
"""What makes an expression out of expressions: a plain number among them is wrapped in a Value of 32 bits by Django."""

OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Mod, ast.Pow)


def _name(node):
    """The last word of what is called: F for F(...) and for models.F(...)."""
    function = node.func if isinstance(node, ast.Call) else None
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


class PlainNumbers(ast.NodeVisitor):
    """Collects the lines where a query takes a number that is not made by bigint()."""

    def __init__(self, tree):
        self.lines = []
        self.variables = set()
        assigned = [(one.targets, one.value) for one in ast.walk(tree) if isinstance(one, ast.Assign)]
        self.spans = {ast.unparse(target) for targets, value in assigned for target in targets if _name(value) == "timedelta"}
        for _ in assigned:  # a variable may be made of another that is assigned further down
            self.variables |= {
                t.id for targets, value in assigned for t in targets if isinstance(t, ast.Name) and self.is_query(value)
            }
        self.visit(tree)

    def is_query(self, node):
        """Whether it is an expression for the database, as far as the text tells."""
        if isinstance(node, ast.BinOp):
            return self.is_query(node.left) or self.is_query(node.right)
        if isinstance(node, ast.UnaryOp):
            return self.is_query(node.operand)
        if isinstance(node, ast.IfExp):
            return self.is_query(node.body) and self.is_query(node.orelse)
        if isinstance(node, ast.Name):
            return node.id in self.variables
        return _name(node) in NUMBERS | WRAPPERS | {"Value", "bigint"}

    def is_time(self, node):
        """Whether it is a span of time, written there or under a name."""
        return _name(node) == "timedelta" or (isinstance(node, ast.Name) and node.id in self.spans)

    def visit_BinOp(self, node):
        self._operation(node, node.left, node.right)

    def visit_AugAssign(self, node):
        self._operation(node, node.target, node.value)

    def _operation(self, node, left, right):
        if self.is_time(left) or self.is_time(right):
            self.generic_visit(node)
            return
        queries = [self.is_query(left), self.is_query(right)]
        if isinstance(node.op, OPERATORS) and any(queries) and not all(queries):
            self.lines.append(node.lineno)
        self.generic_visit(node)

    def visit_UnaryOp(self, node):
        if isinstance(node.op, ast.USub) and self.is_query(node.operand):  # Django multiplies by a plain -1
            self.lines.append(node.lineno)
        self.generic_visit(node)

    def visit_Call(self, node):
        named = {one.arg: one.value for one in node.keywords}
        given = []
        if _name(node) == "Value" and "output_field" not in named and not self._is_text(node.args[0]):
            self.lines.append(node.lineno)
        elif _name(node) in WRAPPERS:
            given = [*node.args, named.get("default")]
        elif _name(node) == "When":
            given = [named.get("then")]
        elif _name(node) in NUMBERS:
            given = [named.get("default")]
        plain = [one for one in given if one and not (self.is_query(one) or self._is_text(one) or _name(one) in {"When", "Q"})]
        self.lines += [one.lineno for one in plain]
        self.generic_visit(node)

    @staticmethod
    def _is_text(node):
        return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and type(node.value) not in {int, float})


def plain_numbers_in(text):
    tree = ast.parse(text)
    return PlainNumbers(tree).lines


@pytest.mark.no_database
@pytest.mark.parametrize(
    "line",
    [
        'F("version") + 1',
        '1 + F("version")',
        'models.F("version") - amount_minor',
        'F("a") + F("b") + (one.amount_minor if one else 0)',
        '-Sum("amount_minor")',
        "Value(0)",
        "Value(amount_minor)",
        'Coalesce(Sum("amount_minor"), 0)',
        'Sum("amount_minor", default=0)',
        "Case(When(held=True, then=amount_minor), default=bigint(0))",
        'Case(When(held=True, then=F("amount_minor")), default=0)',
        'sum = F("a") + F("b")\nwanted = sum * 2',
        'freed = F("a")\nfreed -= amount_minor',
    ],
)
def test_a_plain_number_in_a_query_is_found(line):
    assert len(plain_numbers_in(line)) == 1


@pytest.mark.no_database
@pytest.mark.parametrize(
    "line",
    [
        'F("version") + bigint(1)',
        'F("a") + F("b") - bigint(one.amount_minor if one else 0)',
        'Sum("amount_minor") * bigint(-1)',
        'Coalesce(Subquery(rows), bigint(0)) + F("a")',
        "Value(0, output_field=BigIntegerField())",
        'F("created_at") + timedelta(hours=3)',
        'HOURS = timedelta(hours=3)\nF("created_at") + HOURS',
        'Value("text"), Value(None), Value(True)',
        'Case(When(Q(held=True), then=F("amount_minor")), default=bigint(0))',
        "version + 1 - len(rows)",
        'Q(held=True) | ~Q(amount=F("amount_minor"))',
    ],
)
def test_what_is_no_plain_number_is_let_through(line):
    assert plain_numbers_in(line) == []


@pytest.mark.no_database
def test_no_query_of_the_product_takes_a_plain_number():
    assert any("bigint(" in file.read_text() for file in PRODUCT)
    slots = {"prepared.py", "leases.py", "givers/pins.py"}  # their numbers come later, through `checked`, or are moments
    names = {str(file.relative_to(ROOT)): file for file in PRODUCT}
    found = {name: plain_numbers_in(file.read_text()) for name, file in names.items() if name not in slots}
    assert {file: lines for file, lines in found.items() if lines} == {}


@pytest.mark.no_database
@pytest.mark.parametrize("number", [2**63, -(2**63) - 1])
def test_more_than_64_bits_is_refused(number):
    with pytest.raises(OverflowError):
        bigint(number)


@pytest.mark.django_db
@pytest.mark.parametrize("number", [2**31, 2**32, 10**18, 2**63 - 1, -(2**31) - 1, -(2**63)])
def test_every_number_of_64_bits_arrives(shop, number):
    shop.new_goal()
    SavingGoal.objects.update(collected_minor=F("collected_minor") + bigint(number))
    assert SavingGoal.objects.get().collected_minor == number
