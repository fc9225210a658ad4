"""The simulator's own page, where a giver pays with no money."""

from django.urls import path

from providers.sandbox.views import checkout_page

urlpatterns = [path("sandbox/checkout/<str:checkout_id>", checkout_page)]
