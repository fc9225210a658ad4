"""How a mistake is planted in the product for as long as a test runs.

The product names the places by comments, `# invariant: NAME`. A name stands in it exactly once: at the end of any line of a
statement, or on a line of its own before one. A mistake is a change of that statement's syntax tree, so that the code round
it may be reworded, renamed and moved to other functions and files. The changed code is put into the running function
itself, so that whoever has imported it has the mistake too.
"""

import ast
import importlib
import inspect
import re
import tokenize
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
NOT_THE_PRODUCT = {"tests", "benchmarks", "var", "docs"}
ANCHOR = re.compile(r"#.*\binvariant: ([a-z0-9-]+)")


class NotPlanted(Exception):
    """The anchor is missing or stands twice, or the statement has nothing that the change could apply to."""


@dataclass(frozen=True)
class Place:
    """A statement in the syntax tree of its module."""

    statement: ast.stmt
    parent: ast.AST
    siblings: list[ast.stmt]
    """The block of the parent that the statement stands in."""
    tree: ast.Module

    def replace(self, *statements: ast.stmt) -> None:
        at = self.siblings.index(self.statement)
        self.siblings[at : at + 1] = statements


Change = Callable[[Place], None]


@cache
def anchors() -> dict[str, list[tuple[Path, int]]]:
    """Where in the product each name stands: file and line."""
    found: dict[str, list[tuple[Path, int]]] = {}
    for path in sorted(ROOT.rglob("*.py")):
        first = path.relative_to(ROOT).parts[0]
        if first in NOT_THE_PRODUCT or first.startswith(".") or "node_modules" in path.parts or "migrations" in path.parts:
            continue
        if "invariant: " in path.read_text():
            with tokenize.open(path) as source:
                for token in tokenize.generate_tokens(source.readline):
                    if token.type == tokenize.COMMENT and (match := ANCHOR.match(token.string)):
                        found.setdefault(match[1], []).append((path, token.start[0]))
    return found


def find(anchor: str) -> tuple[Path, int]:
    """Raises NotPlanted unless the anchor stands in the product exactly once."""
    places = anchors().get(anchor, [])
    if len(places) != 1:
        raise NotPlanted(f"# invariant: {anchor} stands {len(places)} times in the product")
    return places[0]


def mutant(anchor: str, change: Change) -> tuple[FunctionType, CodeType]:
    """The running function round the anchor, and its code with the change."""
    path, line = find(anchor)
    source = path.read_text()
    tree = ast.parse(source)
    place = _place(tree, line, alone=source.splitlines()[line - 1].lstrip().startswith("#"))
    names = _names_of_the_function(tree, place.statement)
    before = ast.dump(tree)
    change(place)
    if ast.dump(tree) == before:
        raise NotPlanted(f"{anchor}: nothing has changed")
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    changed = compile(ast.fix_missing_locations(tree), str(path), "exec")
    return _running(module, names), _code(changed, names)


@contextmanager
def planted(anchor: str, change: Change) -> Iterator[None]:
    """The mistake is there inside the with statement, and gone afterwards."""
    function, code = mutant(anchor, change)
    healthy, function.__code__ = function.__code__, code
    try:
        yield
    finally:
        function.__code__ = healthy


def _place(tree: ast.Module, line: int, *, alone: bool) -> Place:
    """The innermost statement that the line belongs to; the next one, where the comment stands on a line of its own."""
    every = [
        Place(statement, parent, block, tree)
        for parent in ast.walk(tree)
        for _, block in ast.iter_fields(parent)
        if isinstance(block, list)
        for statement in block
        if isinstance(statement, ast.stmt)
    ]
    if alone:
        return min((one for one in every if one.statement.lineno > line), key=lambda one: one.statement.lineno)
    round_it = [one for one in every if one.statement.lineno <= line <= (one.statement.end_lineno or 0)]
    return max(round_it, key=lambda one: one.statement.lineno)


def _names_of_the_function(tree: ast.Module, statement: ast.stmt) -> list[str]:
    """["Class", "method"], or ["function"]: the outermost function that the statement stands in."""
    names: list[str] = []
    block: list[ast.stmt] = tree.body
    while True:
        inside = next(one for one in block if statement in ast.walk(one))
        if not isinstance(inside, ast.ClassDef | ast.FunctionDef):
            raise NotPlanted("the anchor stands in no function")
        names.append(inside.name)
        if isinstance(inside, ast.FunctionDef):
            return names
        block = inside.body


def _running(module: Any, names: list[str]) -> FunctionType:
    found = module
    for name in names:
        found = vars(found)[name]
    found = found.__func__ if isinstance(found, staticmethod | classmethod) else found
    found = found.fget if isinstance(found, property) else found
    function = inspect.unwrap(found)
    if not isinstance(function, FunctionType):
        raise NotPlanted(f"{'.'.join(names)} is no function")
    return function


def _code(code: CodeType, names: list[str]) -> CodeType:
    for name in names:
        code = next(one for one in code.co_consts if isinstance(one, CodeType) and one.co_name == name)
    return code


# --- Changes ------------------------------------------------------------------------------------------------------------


def instead(code: str) -> Change:
    """These statements in the place of the one that is there."""
    return lambda place: place.replace(*ast.parse(code).body)


def preceded_by(code: str) -> Change:
    """These statements before the one that is there."""
    return lambda place: place.replace(*ast.parse(code).body, place.statement)


def never(place: Place) -> None:
    """What stands in this `if` does not happen."""
    if not isinstance(place.statement, ast.If):
        raise NotPlanted("this is no if")
    place.statement.test = ast.Constant(value=False)


def expression(right: str, wrong: str) -> Change:
    """Within the statement one expression becomes another."""
    wanted = ast.dump(ast.parse(right, mode="eval").body)

    def change(place: Place) -> None:
        _swap(place, lambda node: ast.dump(node) == wanted, lambda _: ast.parse(wrong, mode="eval").body, right)

    return change


def without_filter(column: str) -> Change:
    """Within the statement the one `.filter(...)` that names the column is left out."""

    def fits(node: ast.AST) -> bool:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "filter"):
            return False
        given = " ".join(ast.unparse(one) for one in [*node.args, *node.keywords])
        return bool(re.search(rf"\b{column}(__\w+)?=", given))

    return lambda place: _swap(place, fits, lambda call: call.func.value, f".filter({column})")


def without_arguments(of: str, *names: str) -> Change:
    """Within the statement the one call of this name that takes all these arguments is made without them."""

    def fits(node: ast.AST) -> bool:
        if not isinstance(node, ast.Call) or ast.unparse(node.func).rpartition(".")[2] != of:
            return False
        return set(names) <= {one.arg for one in node.keywords}

    def fewer(call: Any) -> ast.expr:
        return ast.Call(call.func, call.args, [one for one in call.keywords if one.arg not in names])

    return lambda place: _swap(place, fits, fewer, f"{of}({', '.join(names)})")


def without_transaction(place: Place) -> None:
    """What stands in this `with` is done without it."""
    if not isinstance(place.statement, ast.With):
        raise NotPlanted("this is no with")
    place.replace(*place.statement.body)


def after_the_transaction(place: Place) -> None:
    """The `with` that the statement stands in ends before it: it, and what comes after it there, is done outside."""
    block = place.parent
    if not isinstance(block, ast.With) or place.siblings[0] is place.statement:
        raise NotPlanted("the statement does not stand in a with, behind another")
    at = block.body.index(place.statement)
    outside = block.body[at:]
    del block.body[at:]
    for parent in ast.walk(place.tree):
        for _, siblings in ast.iter_fields(parent):
            if isinstance(siblings, list) and block in siblings:
                after = siblings.index(block) + 1
                siblings[after:after] = outside
                return


def _swap(place: Place, fits: Callable[[ast.AST], bool], other: Callable[[Any], ast.expr], what: str) -> None:
    """Swap the one expression that fits for another; raises NotPlanted where there is none or several."""
    found = [node for node in ast.walk(place.statement) if fits(node)]
    if len(found) != 1:
        raise NotPlanted(f"{what} stands {len(found)} times in: {ast.unparse(place.statement)}")

    class Swap(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> Any:
            return other(node) if node is found[0] else super().visit(node)

    Swap().visit(place.statement)
