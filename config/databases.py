"""DATABASE_URL, as Django's DATABASES: how this service connects to either kind of database."""

from pathlib import Path
from typing import Any

from config import env

SQLITE_OPTIONS = {
    # A deferred transaction that reads and then writes fails at once under WAL; an immediate one waits its turn.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "cached_statements": 1000,  # as many as the service has, and savepoints besides: each is prepared once
    # FULL: a commit that was answered survives a power cut. secure_delete: what is erased is overwritten in the file.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;",
}
POSTGRESQL_OPTIONS = {"server_side_binding": True, "prepare_threshold": 1, "connect_timeout": 10}


def is_sqlite(database: dict[str, Any]) -> bool:
    return "sqlite" in database["ENGINE"]


def read(url: str, local_data: Path) -> dict[str, Any]:
    """The database at this address. Makes the folder of local data where it lies in it. Raises ImproperlyConfigured."""
    database = env.database_at(url)
    database["ATOMIC_REQUESTS"] = False  # a transaction must never be open while a provider is asked
    if not is_sqlite(database):
        database["OPTIONS"] = database.get("OPTIONS", {}) | POSTGRESQL_OPTIONS
        return database | {"ENGINE": "config.quick_postgresql"}
    if str(local_data) in url:
        local_data.mkdir(exist_ok=True)
    return database | {"ENGINE": "config.fair_sqlite3", "OPTIONS": SQLITE_OPTIONS}
