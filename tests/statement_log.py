"""What the database is asked in the course of something, in order: statements, and which of them end a transaction.

A statement outside a transaction is a transaction of its own: where it writes, it is a commit. What the simulator does in its
own tables, as the payment company that it plays, is told apart.
"""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
COMMIT = "COMMIT"
_ON_THE_WAY = {"lookups.py", "ownership.py", "compiled.py", "prepared.py", "prepared_models.py", "returning.py"}
_SIMULATOR = "providers/sandbox/"
_WRITES = ("INSERT", "UPDATE", "DELETE")
_OF_TRANSACTIONS = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", COMMIT)


@dataclass(frozen=True)
class Asked:
    """One statement, or the end of a transaction."""

    sql: str
    commits: bool
    where: str
    """The product's own line that it comes from, such as "contributions/sync.py:100 run"."""
    of_simulator: bool


@dataclass
class StatementLog:
    """What was asked, in order."""

    asked: list[Asked] = field(default_factory=list)

    @property
    def statements(self) -> list[Asked]:
        """Ours, without those that begin and end transactions and savepoints."""
        return [one for one in self.asked if not one.of_simulator and not one.sql.startswith(_OF_TRANSACTIONS)]

    @property
    def commits(self) -> list[Asked]:
        """Ours: each is a wait for the disk."""
        return [one for one in self.asked if not one.of_simulator and one.commits]

    @property
    def savepoints(self) -> list[Asked]:
        """Ours."""
        return [one for one in self.asked if not one.of_simulator and one.sql.startswith("SAVEPOINT")]

    @property
    def counts(self) -> tuple[int, int, int]:
        """Statements, commits and savepoints."""
        return len(self.statements), len(self.commits), len(self.savepoints)

    def __str__(self) -> str:
        lines = [f"{'*' if one.commits else ' '} {one.where:50} {one.sql[:160]}" for one in self.asked]
        return "\n".join(lines)


@contextmanager
def statement_log(monkeypatch: Any) -> Iterator[StatementLog]:
    """For a test that commits: `django_db(transaction=True)`."""
    log, commit = StatementLog(), connection.commit

    def write_down(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        alone = not connection.in_atomic_block
        result = execute(sql, params, many, context)
        where, of_simulator = _asked_by()
        log.asked.append(Asked(" ".join(sql.split()), alone and sql.lstrip().startswith(_WRITES), where, of_simulator))
        return result

    def write_down_commit() -> None:
        commit()
        where, of_simulator = _asked_by()
        log.asked.append(Asked(COMMIT, True, where, of_simulator))

    with monkeypatch.context() as patch, connection.execute_wrapper(write_down):
        patch.setattr(connection, "commit", write_down_commit)
        yield log


def _asked_by() -> tuple[str, bool]:
    """The innermost line of the product's, and whether it is the simulator's."""
    for frame, number in traceback.walk_stack(None):
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(ROOT) and "tests" not in path.parts and ".venv" not in path.parts:
            name = str(path.relative_to(ROOT))
            if name not in _ON_THE_WAY and not name.startswith("config/"):
                return f"{name}:{number} {frame.f_code.co_name}", name.startswith(_SIMULATOR)
    return "", False
