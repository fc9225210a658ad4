"""What an operator's monitoring asks. The commands of `manage.py` are in management/commands/."""

from django.urls import path

from console import health, metrics

urlpatterns = [path("healthz", health.healthz), path("readyz", health.readyz), path("metrics", metrics.metrics)]
