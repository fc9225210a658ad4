"""redeliver [EVENT]... [--given-up NAME] [--endpoint ID]"""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from console.operator_command import OperatorCommand
from notifications import deliveries, endpoints
from notifications.models import Delivery, Event, WebhookEndpoint
from partners.models import Partner


class Command(OperatorCommand):
    help = "Sends events to their partner's webhooks again, under their own ids, with all their tries."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event", nargs="*", help="the event's Id (webhook-id)")
        parser.add_argument("--given-up", metavar="NAME", default="", help="all that were given up for this partner")
        parser.add_argument("--endpoint", metavar="ID", default="", help="to this endpoint alone")

    def handle(self, *args: Any, **options: Any) -> None:
        events = list(Event.objects.filter(public_id__in=options["event"]).order_by("pk"))
        unknown = set(options["event"]) - {event.public_id for event in events}
        if unknown:
            raise CommandError(f"there is no event {', '.join(sorted(unknown))}")
        if options["given_up"]:
            for partner in Partner.objects.filter(name=options["given_up"]).order_by("pk"):
                events += deliveries.in_state(partner.pk, Delivery.State.GIVEN_UP).order_by("position")
        only = self._only(options["endpoint"])
        try:
            for event in events:
                if only is not None and only.partner_id != event.partner_id:
                    raise CommandError(f"{event.public_id} is not of the partner that has this endpoint")
                endpoints.send_again(event, only)
        except endpoints.NoEndpoint as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{len(events)} events will be sent again.")

    def _only(self, public_id: str) -> WebhookEndpoint | None:
        if not public_id:
            return None
        endpoint = WebhookEndpoint.objects.filter(public_id=public_id, removed_at=None).first()
        if endpoint is None:
            raise CommandError(f"there is no webhook endpoint {public_id}")
        return endpoint
