"""Logs: one JSON object a line, so that no text from outside can forge a second line."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from partners.key_text import without_keys

_STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "request", "status_code"}


class JsonLines(logging.Formatter):
    """{"at": ..., "level": ..., "logger": ..., "event": message, and whatever `extra` named}; never a key."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        line.update({name: value for name, value in record.__dict__.items() if name not in _STANDARD})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return without_keys(json.dumps(line, default=str))
