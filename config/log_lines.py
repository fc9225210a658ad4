"""Logs: one JSON object a line, so that no text from outside can forge a second line."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

import card_numbers
from partners.key_text import without_keys

_STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "request", "status_code"}


class JsonLines(logging.Formatter):
    """{"at": ..., "level": ..., "logger": ..., "event": message, and whatever `extra` named}; never a key or a card number."""

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
        return without_keys(json.dumps(_masked(line), default=lambda value: card_numbers.masked(str(value))))


def _masked(value: Any) -> Any:
    """The same with no card number in any of its texts."""
    if isinstance(value, dict):
        return {name: _masked(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(one) for one in value]
    return card_numbers.masked(value) if isinstance(value, str) else value
