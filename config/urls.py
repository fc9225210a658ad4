"""The root: the service's own routes, and with SANDBOX=1 the demo shop."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [path("", include("api.urls"))]
if settings.SANDBOX:
    urlpatterns += [path("demo/", include("demo.urls"))]

handler400 = "api.errors.bad_request"
handler403 = "api.errors.forbidden"
handler404 = "api.errors.not_found"
handler500 = "api.errors.crashed"
