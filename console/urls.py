"""What an operator's monitoring asks. The commands of `manage.py` are in management/commands/."""

from django.urls import URLPattern, URLResolver, include, path

from console import health, metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", metrics.metrics),
]
urlpatterns += [path("console", include("console.site.urls"))]
