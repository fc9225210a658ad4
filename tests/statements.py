"""What a database that is spread by partner would refuse, or ask every machine about, seen in a statement for PostgreSQL.

a lock              of a table that is spread names the partner: over several partners it is refused
two tables          that are spread, in joins, subqueries or both, are tied to one another by the partner, or each to the same
                    known one; none is read beside a table that is on one machine alone
rows by an id       name the partner with it: the machine that has them is asked, and no other; so do the rows that hang on them
the partner         is known when the statement is sent: what a subquery or a joined table finds leads to no machine
ON CONFLICT         names the partner, and so does an INSERT; an UPDATE that writes it writes what its row has

A statement that asks for rows of all partners by something else, such as when they are due, may do so.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from functools import cache

import sqlglot
from django.apps import apps
from sqlglot import exp

from console.distribution import KEY, ON_EVERY_MACHINE, ON_ONE_MACHINE, spread_tables
from ownership import SamePartnerKey, SamePartnerOneToOne
from tests.statement_scopes import Place, Statement

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # what it cannot read is told here

_NEVER_SPREAD = ("SAVEPOINT", "RELEASE", "ROLLBACK", "VACUUM", "EXPLAIN")


@cache
def hangs_on() -> frozenset[str]:
    """The columns that name a row of a table that is spread."""
    fields = [field for model in apps.get_models() for field in model._meta.concrete_fields]
    keys = {field.column for field in fields if isinstance(field, SamePartnerKey | SamePartnerOneToOne)}
    return frozenset({"id", "about", *keys})


def faults(sql: str) -> list[str]:
    """One line for each; none for a statement that is well."""
    spread = {*spread_tables()}
    if not any(name in sql for name in spread) or sql.lstrip().upper().startswith(_NEVER_SPREAD):
        return []
    tree = sqlglot.parse_one(re.sub(r"%s|%\(\w+\)s", "$1", sql).replace("%%", "%"), dialect="postgres")
    if isinstance(tree, exp.Command):
        return ["a statement of a kind that is not looked into"]
    statement = Statement(tree)
    ours = [place for place in statement.places if place.table in spread]
    return [
        *_locks(statement, ours),
        *_ties(statement, ours),
        *_one_machine(statement, ours),
        *_ids(statement, ours),
        *_unknown(statement, ours),
        *_writes(tree, statement, ours),
    ]


def _locks(statement: Statement, ours: list[Place]) -> Iterator[str]:
    if statement.locks and ours and not all(statement.is_known(place, KEY) for place in ours):
        yield "a lock over all partners"


def _ties(statement: Statement, ours: list[Place]) -> Iterator[str]:
    """Of several tables each is tied to the first."""
    for place in ours[1:]:
        if not statement.are_equal((ours[0], KEY), (place, KEY)):
            yield f"{place} is not tied to {ours[0]} by the partner"


def _one_machine(statement: Statement, ours: list[Place]) -> Iterator[str]:
    others = sorted({place.table for place in statement.places} & {*ON_ONE_MACHINE})
    if ours and others:
        yield f"{ours[0]} beside {', '.join(others)}, which is on one machine"


def _ids(statement: Statement, ours: list[Place]) -> Iterator[str]:
    for place in ours:
        named = any(statement.is_named(place, column) for column in hangs_on())
        if named and not statement.is_known(place, KEY):
            yield f"rows of {place} by an id alone"


def _unknown(statement: Statement, ours: list[Place]) -> Iterator[str]:
    found = [place for place in statement.places if place.table in ON_EVERY_MACHINE and statement.names_of(place)]
    for place in ours:
        if statement.is_found_by_subquery(place, KEY):
            yield f"the partner of {place} by a subquery"
        elif not statement.is_known(place, KEY):
            whole = [one for one in found if any(statement.are_equal((place, KEY), (one, column)) for column in ("id", KEY))]
            yield from (f"the partner of {place} by a look-up in {one}" for one in whole)


def _writes(tree: exp.Expression, statement: Statement, ours: list[Place]) -> Iterator[str]:
    if not ours or ours[0] is not statement.written:
        return
    if isinstance(tree, exp.Insert):
        if KEY not in _columns(tree.this.expressions):
            yield f"an INSERT into {ours[0]} that does not name the partner"
        conflict = tree.args.get("conflict")
        keys = _columns(conflict.args.get("conflict_keys") or []) if conflict else []
        if keys and KEY not in keys:
            yield f"ON CONFLICT of {ours[0]} that does not name the partner"
    if isinstance(tree, exp.Update):
        written = _columns(one.this for one in tree.expressions if isinstance(one, exp.EQ))
        if KEY in written and not statement.is_known(ours[0], KEY):
            yield f"an UPDATE of {ours[0]} that may give a row to another partner"


def _columns(named: Iterable[exp.Expression]) -> list[str]:
    return [one.name for whole in named for one in whole.find_all(exp.Identifier)]
