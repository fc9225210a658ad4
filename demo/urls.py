"""The demo shop's pages, mounted at /demo/ where SANDBOX=1."""

from django.urls import path

from demo import certificate_views, pledge_views, remember_views, views

app_name = "demo"
urlpatterns = [
    path("", views.shop, name="shop"),
    path("chip-in", views.chip_in, name="chip-in"),
    path("thanks", views.gift, name="thanks"),
    path("cancelled", views.gift, name="cancelled"),
    path("remember", remember_views.remember, name="remember"),
    path("remembered", remember_views.remembered, name="remembered"),
    path("forget", remember_views.forget, name="forget"),
    path("pledge", pledge_views.pledge, name="pledge"),
    path("end-pledge", pledge_views.end_pledge, name="end-pledge"),
    path("certificates", certificate_views.certificates, name="certificates"),
    path("buy-certificate", certificate_views.buy, name="buy-certificate"),
    path("claim-certificate", certificate_views.claim, name="claim-certificate"),
    path("certificate", certificate_views.bought, name="certificate"),
]
