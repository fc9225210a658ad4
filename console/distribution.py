"""The tables that grow, spread by the partner: how they are made from those that the migrations have made, while all are empty.

Django keys each table by `id` alone. A database that is spread over machines, or over partitions, takes no key, no unique index
and no foreign key between such tables that does not name the column by which they are spread. So each table is made anew with
the key (partner_id, id) and with foreign keys that name both. The models stay as they are: what they ask names the partner too
(ownership.py).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from django.apps import apps
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from contributions import append_only
from partners import filling

KEY = "partner_id"

ON_EVERY_MACHINE: Mapping[str, str] = MappingProxyType(
    {
        "partners_partner": "a row for each partner",
        "partners_redirecthost": "some for each partner",
        "partners_apikey": "some for each partner, found by their digest before anybody knows whose they are",
    }
)
"""Tables that every machine has a whole copy of, since they do not grow with the gifts: Citus calls them reference tables."""

ON_ONE_MACHINE: Mapping[str, str] = MappingProxyType(
    {
        "contributions_workerheartbeat": "a row for each worker, for a week",
        "contributions_auditresult": "a hundred rows",
        "contributions_dailywork": "a row for each kind",
        "console_readiness": "one row",
        "console_operator": "a row for each operator",
        "demo_demoshop": "one row",
        "sandbox_sandboxcheckout": "the simulator's books: what a payment company would know, on machines of its own",
        "sandbox_sandboxrequest": "the simulator's",
        "sandbox_sandboxrefund": "the simulator's",
        "sandbox_sandboxwebhook": "the simulator's",
        "sandbox_sandboxpayee": "the simulator's",
        "sandbox_sandboxpermission": "the simulator's",
    }
)
"""Tables that stay where they are, since they do not grow, and nothing that is spread is joined to them."""


class CannotBeSpread(Exception):
    """In a sentence, what has to be otherwise before the tables can be spread."""


@dataclass(frozen=True)
class Table:
    """What PostgreSQL says of one table that grows; each text is a whole statement but for what is said."""

    name: str
    key: tuple[str, ...]
    """The columns of its primary key, as Django has made it."""
    key_name: str
    constraints: tuple[tuple[str, str], ...]
    """Unique ones: (name, definition)."""
    indexes: tuple[str, ...]
    foreign_keys: tuple[tuple[str, str, str], ...]
    """(name, column, the table that it leads to)."""


@cache
def spread_tables() -> list[str]:
    """The tables of the models that have a partner, those first on which others hang. Raises CannotBeSpread."""
    ours = [model for model in apps.get_models() if model._meta.db_table not in {*ON_EVERY_MACHINE, *ON_ONE_MACHINE}]
    for model in ours:
        if not any(one.column == KEY for one in model._meta.concrete_fields):
            raise CannotBeSpread(
                f"{model._meta.db_table} has no {KEY}, and stands in none of the lists of console/distribution.py."
            )
    return sorted(model._meta.db_table for model in ours)


def read(connection: BaseDatabaseWrapper) -> list[Table]:
    """The tables as they are. Raises CannotBeSpread where they are spread already, or have rows."""
    names = spread_tables()
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute("SELECT relkind FROM pg_class WHERE oid = %s::regclass", [name])
            if cursor.fetchone() != ("r",):
                raise CannotBeSpread(f"{name} is spread already.")
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {name})")  # noqa: S608 - our own names
            if cursor.fetchone() != (False,):
                raise CannotBeSpread(f"{name} has rows: the tables are spread while they are empty, after the first migrate.")
        return [_read(cursor, name) for name in names]


def _read(cursor: object, name: str) -> Table:
    def ask(query: str, *parameters: str) -> list[tuple[str, ...]]:
        cursor.execute(query, [name, *parameters])  # type: ignore[attr-defined]
        return list(cursor.fetchall())  # type: ignore[attr-defined]

    of = "FROM pg_constraint WHERE conrelid = %s::regclass AND contype"
    key_name, definition = ask(f"SELECT conname, pg_get_constraintdef(oid) {of} = 'p'")[0]
    return Table(
        name,
        tuple(definition.partition("(")[2].rstrip(")").split(", ")),
        key_name,
        tuple(ask(f"SELECT conname, pg_get_constraintdef(oid) {of} = 'u' ORDER BY 1")),  # type: ignore[arg-type]
        tuple(
            text
            for (text,) in ask(
                "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass AND NOT EXISTS "
                "(SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u')) ORDER BY 1"
            )
        ),
        tuple(
            ask(
                "SELECT conname, attname, confrelid::regclass::text FROM pg_constraint JOIN pg_attribute "
                "ON attrelid = conrelid AND attnum = conkey[1] WHERE conrelid = %s::regclass AND contype = 'f' ORDER BY 1"
            )  # type: ignore[arg-type]
        ),
    )


def spread(connection: BaseDatabaseWrapper, statements: list[str], *, with_triggers: bool) -> None:
    """All of it, or nothing. `with_triggers`: they guard the books again; without, only a role without privileges does."""
    with transaction.atomic(), connection.cursor() as cursor:
        append_only.uninstall(connection)
        filling.uninstall(connection, *filling.PARTNER_OF)  # there are no old processes
        for statement in statements:
            cursor.execute(statement)
        if with_triggers:
            append_only.install(connection)


# --- What is done -------------------------------------------------------------------------------------------------------


_INDEXES_BY_NAME = """
DO $$ DECLARE one record; BEGIN
    FOR one IN SELECT c.oid::regclass AS index, p.relname AS whole, substring(t.relname from '_([0-9]+)$') AS number
        FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid AND c.relkind = 'i' JOIN pg_class p ON p.oid = inhparent
        JOIN pg_index i ON i.indexrelid = c.oid JOIN pg_class t ON t.oid = i.indrelid
    LOOP
        EXECUTE format('ALTER INDEX %s RENAME TO %I', one.index, left(one.whole, 58) || '_' || one.number);
    END LOOP;
END $$
"""
"""A partition's index is called as the whole table's, with the partition's number: a plan tells which it is."""


def partitioned(tables: list[Table], partitions: int) -> list[str]:
    """Statements that put each table into so many partitions of the same database."""
    made = [one for table in tables for one in _in_partitions(table, partitions)]
    return [*made, _INDEXES_BY_NAME, *_foreign_keys(tables)]


def on_citus(tables: list[Table]) -> list[str]:
    """Statements that spread the tables over the machines that the coordinator knows.

    All tables are spread alike, so that the rows of one partner are on one machine.
    """
    references = [f"SELECT create_reference_table('{name}')" for name in ON_EVERY_MACHINE]
    alone = [one for table in tables for one in _without_foreign_keys(table)]
    keyed = [one for table in tables for one in _keyed_by_partner(table)]
    beside = ["default"] + [tables[0].name] * (len(tables) - 1)
    distributed = [
        f"SELECT create_distributed_table('{table.name}', '{KEY}', colocate_with => '{other}')"
        for table, other in zip(tables, beside, strict=True)
    ]
    return [*alone, *keyed, *references, *distributed, *_foreign_keys(tables)]


def _without_foreign_keys(table: Table) -> Iterator[str]:
    for name, _, _ in table.foreign_keys:
        yield f"ALTER TABLE {table.name} DROP CONSTRAINT {name}"


def _keyed_by_partner(table: Table) -> Iterator[str]:
    yield f"ALTER TABLE {table.name} ALTER COLUMN {KEY} SET NOT NULL"
    if KEY not in table.key:
        yield f"ALTER TABLE {table.name} DROP CONSTRAINT {table.key_name}"
        yield f"ALTER TABLE {table.name} ADD CONSTRAINT {table.key_name} PRIMARY KEY ({', '.join((*table.key, KEY))})"


def _in_partitions(table: Table, partitions: int) -> Iterator[str]:
    name, anew = table.name, f"{table.name}_anew"
    yield (
        f"CREATE TABLE {anew} (LIKE {name} INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING CONSTRAINTS INCLUDING STORAGE) "
        f"PARTITION BY HASH ({KEY})"
    )
    yield f"DROP TABLE {name} CASCADE"
    yield f"ALTER TABLE {anew} RENAME TO {name}"
    yield f"ALTER SEQUENCE IF EXISTS {anew}_id_seq RENAME TO {name}_id_seq"
    yield f"ALTER TABLE {name} ALTER COLUMN {KEY} SET NOT NULL"
    for number in range(partitions):
        within = f"FOR VALUES WITH (MODULUS {partitions}, REMAINDER {number})"
        yield f"CREATE TABLE {name}_{number} PARTITION OF {name} {within}"
    columns = ", ".join(table.key if KEY in table.key else (*table.key, KEY))
    yield f"ALTER TABLE {name} ADD CONSTRAINT {table.key_name} PRIMARY KEY ({columns})"
    for constraint, definition in table.constraints:
        yield f"ALTER TABLE {name} ADD CONSTRAINT {constraint} {definition}"
    yield from table.indexes


def _foreign_keys(tables: list[Table]) -> Iterator[str]:
    """What leads to a table that is spread names the partner; what leads to one that every machine has does not.

    They are looked at when a transaction commits, as Django's are.
    """
    spread = {table.name for table in tables}
    for table in tables:
        for name, column, to in table.foreign_keys:
            ours, theirs = (f"{KEY}, {column}", f"{KEY}, id") if to in spread else (column, "id")
            key = f"FOREIGN KEY ({ours}) REFERENCES {to} ({theirs}) DEFERRABLE INITIALLY DEFERRED"
            yield f"ALTER TABLE {table.name} ADD CONSTRAINT {name} {key}"
