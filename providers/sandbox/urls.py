"""The simulator's own page, where a giver pays with no money."""

from django.urls import path

from providers.sandbox.payees import onboarding_page
from providers.sandbox.permission_page import permission_page
from providers.sandbox.views import checkout_page

urlpatterns = [
    path("sandbox/checkout/<str:checkout_id>", checkout_page),
    path("sandbox/permission/<str:setup_id>", permission_page),
    path("sandbox/onboarding/<str:payee_id>", onboarding_page),
]
