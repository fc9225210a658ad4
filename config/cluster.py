"""More than one PostgreSQL server: a pooler before the primary, a streaming replica beside it. docs/scale.md."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config import env

NONE, TRANSACTION = "NONE", "TRANSACTION"

REPLICA_OPTIONS = {
    "connect_timeout": 2,
    "tcp_user_timeout": 2000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}
"""A replica that is gone is found out in seconds, in libpq's words: its reads are the primary's then (replica.py)."""


def read(databases: dict[str, Any], *, is_sqlite: bool) -> list[str]:
    """DATABASE_POOLER and DATABASE_REPLICA_URL, put into Django's DATABASES; returns its DATABASE_ROUTERS.

    Raises ImproperlyConfigured."""
    pooler = env.word("DATABASE_POOLER", NONE, (NONE, TRANSACTION))
    url = env.text("DATABASE_REPLICA_URL")
    if is_sqlite:
        for name, is_set in (("DATABASE_POOLER", pooler != NONE), ("DATABASE_REPLICA_URL", url)):
            if is_set:
                raise ImproperlyConfigured(f"{name} is set, so DATABASE_URL must be a PostgreSQL server, and it is SQLite.")
        return []
    primary = databases["default"]
    if url:
        databases["replica"] = replica = env.database_at(url, "DATABASE_REPLICA_URL")
        if "sqlite" in replica["ENGINE"]:
            raise ImproperlyConfigured("DATABASE_REPLICA_URL must be a PostgreSQL server that replicates that of DATABASE_URL.")
        replica |= {"ENGINE": primary["ENGINE"], "ATOMIC_REQUESTS": False, "TEST": {"MIRROR": "default"}}
        replica["OPTIONS"] = primary["OPTIONS"] | REPLICA_OPTIONS | replica.get("OPTIONS", {})
    if pooler == TRANSACTION:
        # Each transaction may be at another of the server's processes: nothing can be left there for the next one.
        primary["OPTIONS"] = primary["OPTIONS"] | {"prepare_threshold": None}
        primary["DISABLE_SERVER_SIDE_CURSORS"] = True
    return ["replica.Router"] if url else []
