"""Every route of the partners' door. A trailing slash is accepted under /api/; our own links have none."""

from django.urls import path, re_path

from api import schemas
from api.openapi.view import openapi
from api.problem_codes import page_of_code, problem_codes
from api.resources.across_goals import AllContributionsResource, AllRefundsResource
from api.resources.contributions import ContributionResource
from api.resources.events import EventResource
from api.resources.gift_certificates import ClaimResource, GiftCertificateResource
from api.resources.givers import GiverPinResource, GiverResource
from api.resources.goals import GoalResource
from api.resources.history import HistoryResource
from api.resources.matchers import MatcherResource
from api.resources.payment_accounts import PaymentAccountResource
from api.resources.permissions import PermissionResource
from api.resources.pledges import PledgeResource
from api.resources.redirect_secrets import RedirectSecretResource
from api.resources.refunds import CertificateRefundResource, RefundResource
from api.resources.rehearsals import RehearsalResource
from api.resources.webhook_endpoints import WebhookEndpointResource
from web.problems import not_found

goals, contributions, refunds = GoalResource(), ContributionResource(), RefundResource()
events, webhook_endpoints = EventResource(), WebhookEndpointResource()
payment_accounts, matchers = PaymentAccountResource(), MatcherResource()
all_contributions, all_refunds, history = AllContributionsResource(), AllRefundsResource(), HistoryResource()
redirect_secrets, rehearsals = RedirectSecretResource(), RehearsalResource()
givers, pins, permissions = GiverResource(), GiverPinResource(), PermissionResource()
certificates, claims, certificate_refunds = GiftCertificateResource(), ClaimResource(), CertificateRefundResource()
pledges = PledgeResource()

urlpatterns = [
    # Django tries one after the other: first what is asked most often
    re_path(r"^api/Contribution/(?P<contribution_id>[^/]+)/?$", contributions.wrap_view("dispatch_detail")),
    re_path(r"^api/SavingGoal/(?P<goal_id>[^/]+)/?$", goals.wrap_view("dispatch_detail")),
    re_path(r"^api/Events/?$", events.wrap_view("dispatch_list")),
    re_path(r"^api/savings/?$", goals.wrap_view("dispatch_list")),
    re_path(r"^api/SavingGoal/(?P<goal_id>[^/]+)/Close/?$", goals.wrap_view("dispatch_close")),
    re_path(r"^api/SavingGoal/(?P<goal_id>[^/]+)/Reopen/?$", goals.wrap_view("dispatch_reopen")),
    re_path(r"^api/SavingGoal/(?P<goal_id>[^/]+)/Contributions/?$", contributions.wrap_view("dispatch_list")),
    re_path(r"^api/SavingGoal/(?P<goal_id>[^/]+)/Matchers/?$", matchers.wrap_view("dispatch_list")),
    re_path(r"^api/Matcher/(?P<matcher_id>[^/]+)/?$", matchers.wrap_view("dispatch_detail")),
    re_path(r"^api/Contribution/(?P<contribution_id>[^/]+)/Capture/?$", contributions.wrap_view("dispatch_capture")),
    re_path(r"^api/Contribution/(?P<contribution_id>[^/]+)/Check/?$", contributions.wrap_view("dispatch_check")),
    re_path(r"^api/Contribution/(?P<contribution_id>[^/]+)/Refunds/?$", refunds.wrap_view("dispatch_list")),
    re_path(r"^api/Contribution/(?P<contribution_id>[^/]+)/History/?$", history.wrap_view("dispatch_detail")),
    re_path(r"^api/Contributions/?$", all_contributions.wrap_view("dispatch_list")),
    re_path(r"^api/Refunds/?$", all_refunds.wrap_view("dispatch_list")),
    re_path(r"^api/PaymentAccounts/?$", payment_accounts.wrap_view("dispatch_list")),
    re_path(r"^api/PaymentAccount/(?P<account_id>[^/]+)/?$", payment_accounts.wrap_view("dispatch_detail")),
    re_path(r"^api/PaymentAccount/(?P<account_id>[^/]+)/Check/?$", payment_accounts.wrap_view("dispatch_check")),
    re_path(r"^api/PaymentAccount/(?P<account_id>[^/]+)/Onboarding/?$", payment_accounts.wrap_view("dispatch_onboarding")),
    re_path(r"^api/Givers/?$", givers.wrap_view("dispatch_list")),
    re_path(r"^api/Giver/(?P<giver_id>[^/]+)/?$", givers.wrap_view("dispatch_detail")),
    re_path(r"^api/Giver/(?P<giver_id>[^/]+)/Rotate/?$", givers.wrap_view("dispatch_rotate")),
    re_path(r"^api/Giver/(?P<giver_id>[^/]+)/Pin/?$", pins.wrap_view("dispatch_detail")),
    re_path(r"^api/Giver/(?P<giver_id>[^/]+)/Permissions/?$", permissions.wrap_view("dispatch_list")),
    re_path(r"^api/Permission/(?P<permission_id>[^/]+)/?$", permissions.wrap_view("dispatch_detail")),
    re_path(r"^api/GiftCertificates/?$", certificates.wrap_view("dispatch_list")),
    re_path(r"^api/GiftCertificates/Claim/?$", claims.wrap_view("dispatch_list")),
    re_path(r"^api/GiftCertificate/(?P<certificate_id>[^/]+)/?$", certificates.wrap_view("dispatch_detail")),
    re_path(r"^api/GiftCertificate/(?P<certificate_id>[^/]+)/Claim/?$", claims.wrap_view("dispatch_detail")),
    re_path(r"^api/GiftCertificate/(?P<certificate_id>[^/]+)/Refunds/?$", certificate_refunds.wrap_view("dispatch_list")),
    re_path(r"^api/SavingGoal/(?P<goal_id>[^/]+)/Pledges/?$", pledges.wrap_view("dispatch_list")),
    re_path(r"^api/Pledges/?$", pledges.wrap_view("dispatch_all")),
    re_path(r"^api/Pledge/(?P<pledge_id>[^/]+)/?$", pledges.wrap_view("dispatch_detail")),
    re_path(r"^api/Pledge/(?P<pledge_id>[^/]+)/Pause/?$", pledges.wrap_view("dispatch_pause")),
    re_path(r"^api/Pledge/(?P<pledge_id>[^/]+)/Resume/?$", pledges.wrap_view("dispatch_resume")),
    re_path(r"^api/Events/(?P<event_id>[^/]+)/Deliveries/?$", events.wrap_view("dispatch_deliveries")),
    re_path(r"^api/Events/(?P<event_id>[^/]+)/Redeliver/?$", events.wrap_view("dispatch_redeliver")),
    re_path(r"^api/WebhookEndpoint/?$", webhook_endpoints.wrap_view("dispatch_first")),
    re_path(r"^api/WebhookEndpoint/Rotate/?$", webhook_endpoints.wrap_view("dispatch_rotate")),
    re_path(r"^api/WebhookEndpoint/Test/?$", webhook_endpoints.wrap_view("dispatch_test")),
    re_path(r"^api/WebhookEndpoint/Redeliver/?$", webhook_endpoints.wrap_view("dispatch_redeliver")),
    re_path(r"^api/WebhookEndpoints/?$", webhook_endpoints.wrap_view("dispatch_list")),
    re_path(r"^api/WebhookEndpoints/(?P<endpoint_id>[^/]+)/?$", webhook_endpoints.wrap_view("dispatch_detail")),
    re_path(r"^api/WebhookEndpoints/(?P<endpoint_id>[^/]+)/Rotate/?$", webhook_endpoints.wrap_view("dispatch_rotate")),
    re_path(r"^api/WebhookEndpoints/(?P<endpoint_id>[^/]+)/Test/?$", webhook_endpoints.wrap_view("dispatch_test")),
    re_path(r"^api/WebhookEndpoints/(?P<endpoint_id>[^/]+)/Redeliver/?$", webhook_endpoints.wrap_view("dispatch_redeliver")),
    re_path(r"^api/RedirectSecret/?$", redirect_secrets.wrap_view("dispatch_detail")),
    re_path(r"^api/RedirectSecret/Rotate/?$", redirect_secrets.wrap_view("dispatch_rotate")),
    re_path(r"^api/Rehearsal/?$", rehearsals.wrap_view("dispatch_list")),
    re_path(r"^api/Rehearsal/(?P<rehearsal_id>[^/]+)/?$", rehearsals.wrap_view("dispatch_detail")),
    re_path(r"^api/schema/contributions\.(?P<kind>xsd|dtd)/?$", schemas.schema),
    re_path(r"^api/schema/openapi\.json/?$", openapi),
    re_path(r"^api(?:/.*)?$", not_found),
    path("problems", problem_codes),
    path("docs/errors/<str:code>/", page_of_code),
    path("docs/", problem_codes),
]
