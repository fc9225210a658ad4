"""Every route of the service. A trailing slash is accepted under /api/; our own links have none."""

from django.urls import path, re_path

from api import health, provider_webhooks, schemas
from api.errors import not_found
from api.events import EventResource, WebhookEndpointResource
from api.resources import ContributionResource, RefundResource, SavingGoalResource
from pages import views
from providers.registry import PROVIDER_NAMES
from providers.sandbox.views import checkout_page

goals, contributions, refunds = SavingGoalResource(), ContributionResource(), RefundResource()
events, webhook_endpoint = EventResource(), WebhookEndpointResource()
_provider = f"(?P<provider>{'|'.join(name.lower() for name in PROVIDER_NAMES)})"

urlpatterns = [
    # Partners
    re_path(r"^api/savings/?$", goals.wrap_view("dispatch_list")),
    re_path(r"^api/SavingGoal/(?P<goal_id>[^/]+)/?$", goals.wrap_view("dispatch_detail")),
    re_path(r"^api/SavingGoal/(?P<goal_id>[^/]+)/Contributions/?$", contributions.wrap_view("dispatch_list")),
    re_path(r"^api/Contribution/(?P<contribution_id>[^/]+)/?$", contributions.wrap_view("dispatch_detail")),
    re_path(r"^api/Contribution/(?P<contribution_id>[^/]+)/Capture/?$", contributions.wrap_view("dispatch_capture")),
    re_path(r"^api/Contribution/(?P<contribution_id>[^/]+)/Refunds/?$", refunds.wrap_view("dispatch_list")),
    re_path(r"^api/Events/?$", events.wrap_view("dispatch_list")),
    re_path(r"^api/Events/(?P<event_id>[^/]+)/Deliveries/?$", events.wrap_view("dispatch_deliveries")),
    re_path(r"^api/Events/(?P<event_id>[^/]+)/Redeliver/?$", events.wrap_view("dispatch_redeliver")),
    re_path(r"^api/WebhookEndpoint/?$", webhook_endpoint.wrap_view("dispatch_detail")),
    re_path(r"^api/WebhookEndpoint/Rotate/?$", webhook_endpoint.wrap_view("dispatch_rotate")),
    re_path(r"^api/WebhookEndpoint/Test/?$", webhook_endpoint.wrap_view("dispatch_test")),
    re_path(r"^api/schema/contributions\.(?P<kind>xsd|dtd)/?$", schemas.schema),
    re_path(r"^api(?:/.*)?$", not_found),
    # Givers
    re_path(rf"^providers/{_provider}/(?P<way>return|cancel)/(?P<contribution_id>[^/]+)$", views.come_back),
    re_path(rf"^providers/{_provider}/webhook$", provider_webhooks.hear),
    re_path(rf"^providers/{_provider}/button\.js$", views.button_script),
    path("pay/<str:contribution_id>", views.pay),
    path("thank-you", views.gift_page),
    path("cancelled", views.gift_page),
    path("sandbox/checkout/<str:checkout_id>", checkout_page),
    # Operators
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("problems", views.problems),
]
