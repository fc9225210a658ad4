"""The root: each door's own routes, the simulator's page, and with SANDBOX=1 the demo shop, unless there are live keys."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("api.urls")),
    path("", include("pages.urls")),
    path("", include("hooks.urls")),
    path("", include("console.urls")),
    path("", include("providers.sandbox.urls")),
]
if settings.DEMO_SHOP:
    urlpatterns += [path("demo/", include("demo.urls"))]

handler400 = "web.problems.bad_request"
handler403 = "web.problems.forbidden"
handler404 = "web.problems.not_found"
handler500 = "pages.crashes.crashed"
