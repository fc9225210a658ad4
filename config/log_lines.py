"""Logs: one JSON object a line, so that no text from outside can forge a second line."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

import log_context
import metrics
from redaction import cleaned, without_secrets

_STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "request", "status_code", "security_event"}
_JSON = json.JSONEncoder(default=str)


class JsonLines(logging.Formatter):
    """{"at": ..., "level": ..., "logger": ..., "event": message, the request's id, and what `extra` named}; no secrets."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": without_secrets(record.getMessage()),
            **log_context.fields(),
        }
        line.update({name: cleaned(value, name) for name, value in record.__dict__.items() if name not in _STANDARD})
        if record.exc_info:
            line["traceback"] = without_secrets(self.formatException(record.exc_info))
        return _JSON.encode(line)


class Counted(logging.Filter):
    """Lets every line pass, and counts those that somebody should know of."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno >= logging.WARNING:
            metrics.LOG_LINES.labels(record.levelname.lower()).inc()
        return True
