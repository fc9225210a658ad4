"""redeliver [EVENT]... [--given-up NAME]"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from notifications import endpoints
from notifications.models import Event


class Command(BaseCommand):
    help = "Sends events to their partner's webhook again, under their own ids, with all their tries."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("event", nargs="*", help="the event's Id (webhook-id)")
        parser.add_argument("--given-up", metavar="NAME", default="", help="all that were given up for this partner")

    def handle(self, *args: Any, **options: Any) -> None:
        events = list(Event.objects.filter(public_id__in=options["event"]).order_by("pk"))
        unknown = set(options["event"]) - {event.public_id for event in events}
        if unknown:
            raise CommandError(f"there is no event {', '.join(sorted(unknown))}")
        if options["given_up"]:
            given_up = Event.objects.filter(partner__name=options["given_up"], delivery=Event.Delivery.GIVEN_UP)
            events += given_up.order_by("position")
        try:
            for event in events:
                endpoints.send_again(event)
        except endpoints.NoEndpoint as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{len(events)} events will be sent again.")
