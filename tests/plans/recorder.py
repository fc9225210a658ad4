"""How the database goes about each statement that is sent while `watching`: what it reads whole, and how much it reads in all.

PostgreSQL runs each SELECT once more under EXPLAIN ANALYZE, which counts rows, and plans everything else. SQLite tells its
plan, and counts the steps of its own machine while the statement runs. No time is measured.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from console.distribution import spread_tables

ROOT = Path(__file__).resolve().parent.parent.parent

FEW: Mapping[str, str] = {
    "contributions_attention": "what waits for a person, who works it off",
    "notifications_eventsequence": "a row for each partner",
    "notifications_webhookendpoint": "some for each partner",
    "notifications_webhooksecret": "one or two for each endpoint",
    "rehearsals_rehearsal": "a row for each try of a partner that is not live yet",
}
"""Tables of partners' rows that do not grow with the gifts, and may be read whole: why."""

MOST_ROWS = 2_000
"""So many rows of tables that grow may one statement read, or sort. A page has a hundred, a batch of the worker too."""

MOST_STEPS = 50_000
"""So many steps may SQLite take for one statement; reading one row and comparing some columns takes about twenty."""

STEPS_AT_ONCE = 1_000


@dataclass(frozen=True)
class Fault:
    """Something a statement does that takes longer the more gifts there are."""

    place: str
    """Whose statement it is: file and function."""
    what: str
    sql: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}: …{self.sql[max(self.sql.find(' FROM '), 0) :][:3000]}"


class Watch:
    """What was sent, and what was found."""

    def __init__(self) -> None:
        self.grows = {*spread_tables()} - FEW.keys()
        self.faults: list[Fault] = []
        self.sent: list[str] = []
        self.indexes: set[str] = set()
        """By which a table was read."""

    def tell(self, place: str, what: str, sql: str) -> None:
        fault = Fault(place, what, sql)
        if fault not in self.faults:
            self.faults.append(fault)


@contextmanager
def watching() -> Iterator[Watch]:
    """Every statement of this thread's connection, until the end."""
    watch = Watch()
    explain = _OnPostgreSQL(watch) if connection.vendor == "postgresql" else _OnSQLite(watch)
    explaining = False

    def wrapper(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:
        nonlocal explaining
        if explaining or many or not re.match(r"\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b", str(sql)):
            return execute(sql, parameters, many, context)
        explaining, place = True, _place()
        watch.sent.append(str(sql))
        try:
            explain.before(place, str(sql), parameters)
        finally:
            explaining = False
        done = execute(sql, parameters, many, context)
        explain.after(place, str(sql))
        return done

    with connection.execute_wrapper(wrapper):
        try:
            yield watch
        finally:
            explain.end()


_ON_THE_WAY = {"ownership.py", "lookups.py", "leases.py", "compiled.py", "prepared.py", "prepared_models.py", "returning.py"}
"""Who passes on what others ask."""


def _place() -> str:
    """The innermost function of the product that is no tool of all others."""
    frame: Any = sys._getframe(2)
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT) and not path.is_relative_to(ROOT / ".venv"):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith("tests/") and name not in _ON_THE_WAY:
                return f"{name} {frame.f_code.co_name.strip('<>')}"
        frame = frame.f_back
    return "a test"


# --- PostgreSQL -----------------------------------------------------------------------------------------------------------


class _OnPostgreSQL:
    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT indexrelid::regclass::text, attname FROM pg_index JOIN pg_attribute "
                "ON attrelid = indrelid AND attnum = indkey[0] WHERE indpred IS NULL"
            )
            self.leads = dict(cursor.fetchall())
            """By its first column each index that has all rows of its table."""

    def before(self, place: str, sql: str, parameters: Any) -> None:
        reads = sql.lstrip().startswith("SELECT")
        how = "ANALYZE, TIMING OFF, FORMAT JSON" if reads else "FORMAT JSON"
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN ({how}) {sql}", parameters)
            (told,) = cursor.fetchone()
        plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
        for node in _nodes(plan):
            self._look_at(node, place, sql)

    def after(self, place: str, sql: str) -> None:
        pass

    def end(self) -> None:
        pass

    def _look_at(self, node: dict[str, Any], place: str, sql: str) -> None:
        kind, table = node["Node Type"], node.get("Relation Name", "")
        if "Index Name" in node:
            self.watch.indexes.add(node["Index Name"])
        rows = node.get("Actual Rows", node["Plan Rows"]) * node.get("Actual Loops", 1)
        if kind in {"Sort", "Incremental Sort"} and rows > MOST_ROWS and "Actual Rows" in node:
            self.watch.tell(place, f"sorts {_about(rows)} rows", sql)
        if _whole(table) not in self.watch.grows:
            return
        removed = sum(node.get(f"Rows Removed by {what}", 0) for what in ("Filter", "Index Recheck"))
        read = rows + removed * node.get("Actual Loops", 1)
        counted = "Actual Rows" in node
        if kind == "Seq Scan" and (read > MOST_ROWS or not counted):
            self.watch.tell(place, f"reads all of {table}", sql)
        elif "Index Cond" in node and self.leads.get(node["Index Name"], "") not in node["Index Cond"]:
            self.watch.tell(place, f"reads all of the index {node['Index Name']}", sql)
        elif read > MOST_ROWS:
            self.watch.tell(place, f"reads {_about(read)} rows of {table} by {node.get('Index Name', kind)}", sql)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from _nodes(below)


def _whole(table: str) -> str:
    """A partition's table."""
    return re.sub(r"_[0-9]+$", "", table)


def _about(number: float) -> str:
    return f"about 1e{len(str(int(number))) - 1}"


# --- SQLite ---------------------------------------------------------------------------------------------------------------

_STEP = re.compile(
    r"(SCAN|SEARCH) (\w+)(?: USING (?:AUTOMATIC )?(?:PARTIAL )?(?:COVERING )?(?:INDEX (\w+)|INTEGER PRIMARY KEY))?"
)
_IS_PAGE = re.compile(r'ORDER BY (?:1|"\w+"\."id") (?:ASC|DESC) LIMIT \d+$')
_ALIAS = re.compile(r'(?:FROM|JOIN) "?(\w+)"? (?:AS )?"?(\w+)"?')


class _OnSQLite:
    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.steps = 0
        self.last = ("", "")
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%%WHERE%%'")
            self.partial = {name for (name,) in cursor.fetchall()}
        connection.connection.set_progress_handler(self._count, STEPS_AT_ONCE)

    def _count(self) -> int:
        self.steps += STEPS_AT_ONCE
        return 0

    def before(self, place: str, sql: str, parameters: Any) -> None:
        self._told_of_the_last()
        aliases = {alias: table for table, alias in _ALIAS.findall(sql)}
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
            plan = [row[3] for row in cursor.fetchall()]
        for how, name, index in (found.groups() for found in map(_STEP.search, plan) if found):
            table = aliases.get(name, name)
            if index:
                self.watch.indexes.add(index)
            is_whole = how == "SCAN" and table in self.watch.grows and index not in self.partial
            # A page of the newest is read from the end: the steps tell how far. The plan of an INSERT has what would be
            # looked for if others missed the row.
            if is_whole and not sql.startswith("INSERT") and not _IS_PAGE.search(sql):
                self.watch.tell(place, f"reads all of {table}" + (f" by {index}" if index else ""), sql)
        self.steps = 0

    def after(self, place: str, sql: str) -> None:
        """The rows are fetched later: until the next statement all steps are this one's."""
        self.last = (place, sql)

    def end(self) -> None:
        self._told_of_the_last()
        connection.connection.set_progress_handler(None, 0)

    def _told_of_the_last(self) -> None:
        if self.steps > MOST_STEPS:
            place, sql = self.last
            self.watch.tell(place, f"takes {_about(self.steps)} steps", sql)
        self.steps = 0
