"""What `manage.py check --deploy` finds in our own settings: config/unsafe.py has the rules."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register  # noqa: A004 - Django's name

_MESSAGES = {"stops": Error, "warns": Warning, "tells": Info}


@register(Tags.security, deploy=True)
def settings_that_can_hurt(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A message for each finding, with the finding's id."""
    return [_MESSAGES[one.level](one.message, id=one.id) for one in settings.SETTINGS_FINDINGS]
