"""Every address that a giver's browser comes to."""

from django.urls import path, re_path

from pages import views
from providers.registry import PROVIDER_NAMES

_provider = f"(?P<provider>{'|'.join(name.lower() for name in PROVIDER_NAMES)})"

urlpatterns = [
    re_path(rf"^providers/{_provider}/(?P<way>return|cancel)/(?P<contribution_id>[^/]+)$", views.come_back),
    re_path(rf"^providers/{_provider}/button\.js$", views.button_script),
    path("pay/<str:contribution_id>", views.pay),
    path("thank-you", views.gift_page),
    path("cancelled", views.gift_page),
]
