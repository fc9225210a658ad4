"""What the service counts, for /metrics. What the database knows is not counted, but asked when wanted (console/gauges.py).

Under PROMETHEUS_MULTIPROC_DIR each process writes what it has counted to files of its own there, and whoever answers /metrics
adds them up (prometheus_client, "multiprocess mode"); without it a process knows its own numbers only.
"""

import os
import re
import socket

from prometheus_client import Counter, Histogram, values

REQUESTS = Counter("whipround_requests_total", "Requests answered.", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "whipround_request_seconds",
    "Time until a request was answered.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
CONTRIBUTIONS_MOVED = Counter(
    "whipround_contributions_moved_total", "Contributions that came into a status, live or test.", ["status", "mode"]
)
PROVIDER_CALLS = Counter(
    "whipround_provider_calls_total", "Calls to payment providers, by what came of them.", ["provider", "operation", "outcome"]
)
PROVIDER_CALL_SECONDS = Histogram(
    "whipround_provider_call_seconds",
    "Time until a provider answered, or did not.",
    ["provider"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
)
DELIVERIES = Counter("whipround_webhook_deliveries_total", "Tries to tell partners of events.", ["outcome"])
SECURITY_EVENTS = Counter("whipround_security_events_total", "Events of the security log.", ["event"])
LIMITS_REFUSED = Counter("whipround_limits_refused_total", "Requests that were one too many (429).", ["limit"])
REPLICA_READS = Counter(
    "whipround_replica_reads_total", "Reads that the replica could answer: it did, or why the primary did.", ["outcome"]
)
LOG_LINES = Counter("whipround_log_lines_total", "Lines of the log, from level warning on.", ["level"])

COUNTED = (
    REQUESTS, REQUEST_SECONDS, CONTRIBUTIONS_MOVED, PROVIDER_CALLS, PROVIDER_CALL_SECONDS, DELIVERIES, SECURITY_EVENTS,
    LIMITS_REFUSED, LOG_LINES, REPLICA_READS,
)  # fmt: skip

HOST = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())[:40]
_names: dict[int, str] = {}


def process_name() -> str:
    """What this process's files are named by: containers that share a directory may all be process 1."""
    number = os.getpid()
    return _names.get(number) or _names.setdefault(number, f"{HOST}-{number}")


if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
    values.ValueClass = values.MultiProcessValue(process_name)  # type: ignore[no-untyped-call]
