"""The operators' door, set up: findings about settings, and a line at the start for each that is misspelt."""

import logging

from django.apps import AppConfig
from django.conf import settings

log = logging.getLogger(__name__)


class ConsoleConfig(AppConfig):
    name = "console"

    def ready(self) -> None:
        from console import deployment  # noqa: F401 - registers the check

        for name, meant in settings.MISSPELT_SETTINGS.items():
            log.warning("a setting is misspelt", extra={"setting": name, "meant": meant})
