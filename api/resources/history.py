"""/api/Contribution/{id}/History"""

from django.http import HttpRequest, HttpResponse

from api.records import change as record
from api.resources.base import PartnerResource
from api.resources.contributions import ContributionResource
from api.serializer import Document
from notifications.outbox import event_ids_about
from web import negotiation


class HistoryResource(PartnerResource):
    """Each version that a contribution has had, the first one first."""

    class Meta(PartnerResource.Meta):
        detail_allowed_methods = ["get"]
        from_replica = frozenset({"get_detail"})

    contributions = ContributionResource()

    def get_detail(self, request: HttpRequest, contribution_id: str) -> HttpResponse:
        contribution = self.contributions.own(request, contribution_id)
        negotiation.arguments(request)
        changes = contribution.status_changes.order_by("version")
        content = record.history(changes, event_ids_about(contribution))
        return self.create_response(request, Document("History", content))
