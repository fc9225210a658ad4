"""Every address that a giver's browser comes to."""

from django.urls import path, re_path

from pages import button_page, claim_page, giver_page, onboarding, pay, permission_page, returns, standing
from providers.registry import COMPANY_NAMES

_provider = f"(?P<provider>{'|'.join(name.lower() for name in COMPANY_NAMES)})"

urlpatterns = [
    re_path(rf"^providers/{_provider}/(?P<way>return|cancel)/(?P<contribution_id>[^/]+)$", returns.come_back),
    re_path(rf"^providers/{_provider}/(?P<way>agreed|disagreed)/(?P<permission_id>[^/]+)$", permission_page.come_back),
    re_path(rf"^providers/{_provider}/onboarded/(?P<account_id>[^/]+)$", onboarding.come_back),
    re_path(rf"^providers/{_provider}/onboarding/(?P<account_id>[^/]+)$", onboarding.go_on),
    re_path(rf"^providers/{_provider}/button\.js$", button_page.button_script),
    re_path(r"^pay/(?P<contribution_id>[^/]+)/?$", pay.pay),
    re_path(r"^permission/(?P<permission_id>[^/]+)/?$", permission_page.permission_page),
    re_path(r"^giver/(?P<giver_id>[^/]+)/?$", giver_page.giver_page),
    re_path(r"^certificate/(?P<certificate_id>[^/]+)/?$", claim_page.claim_page),
    path("thank-you", standing.gift_page),
    path("cancelled", standing.gift_page),
]
