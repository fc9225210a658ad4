"""Every address that a payment provider calls."""

from django.urls import re_path

from hooks import webhook
from providers.registry import COMPANY_NAMES

_provider = f"(?P<provider>{'|'.join(name.lower() for name in COMPANY_NAMES)})"

urlpatterns = [re_path(rf"^providers/{_provider}/webhook$", webhook.hear)]
