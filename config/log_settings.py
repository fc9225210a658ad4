"""Where log lines go: JSON on standard error, and what security people want to hear of to a channel of its own."""

from typing import Any

from config import env

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def logging(security_log: dict[str, Any] | None, *, version: str) -> dict[str, Any]:
    """Django's setting LOGGING; `security_log` is the handler of that channel, if there is one. Raises ImproperlyConfigured."""
    told: dict[str, Any] = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json_lines": {"()": "config.log_lines.JsonLines"},
            "cef": {"()": "config.cef.CommonEventFormat", "version": version},
        },
        "filters": {"counted": {"()": "config.log_lines.Counted"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json_lines", "filters": ["counted"]}},
        "root": {"handlers": ["stderr"], "level": env.word("LOG_LEVEL", "INFO", LEVELS)},
        # Django's own line about each 4xx says nothing that the access line does not.
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "level": "ERROR", "propagate": False},
            "django.request": {"level": "CRITICAL"},
            "django.security": {"level": "CRITICAL"},
        },
    }
    if security_log is not None:
        told["handlers"]["security"] = {**security_log, "formatter": "cef"}
        told["loggers"]["security"] = {"handlers": ["security"], "level": "INFO", "propagate": False}
    return told
