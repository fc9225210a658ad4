"""webhook_endpoint NAME [--test-mode] [--set URL] [--event-type TYPE]... [--format FORMAT] [--rotate] [--test] [--remove]"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from notifications import endpoints
from notifications.addresses import BadAddress
from notifications.models import Event, WebhookEndpoint
from partners.models import Partner
from partners.registration import named


class Command(BaseCommand):
    help = "Shows where a partner listens, and changes it: what the partner itself can do with /api/WebhookEndpoint."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--test-mode", action="store_true", help="the endpoint for what its test keys have made")
        parser.add_argument("--set", metavar="URL", default="", help="listen there from now on; turns it on again")
        parser.add_argument("--event-type", action="append", default=[], help="with --set: only these; repeatable")
        parser.add_argument("--format", default="JSON", choices=WebhookEndpoint.Format.values, help="with --set")
        parser.add_argument("--rotate", action="store_true", help="a new secret; the old one signs too for a day")
        parser.add_argument("--test", action="store_true", help="send a test event")
        parser.add_argument("--remove", action="store_true", help="send nothing more")

    def handle(self, *args: Any, **options: Any) -> None:
        partner = named(options["name"], is_test=options["test_mode"])
        if partner is None:
            other = named(options["name"])
            only = f", only one {'in test: say --test-mode' if other.is_test else 'that is live'}" if other else ""
            raise CommandError(f"there is no partner named {options['name']!r}{only}")
        try:
            self._change(partner, options)
        except (BadAddress, endpoints.NoEndpoint, endpoints.StaleEndpoint) as error:
            raise CommandError(str(error)) from None
        self._show(partner)

    def _change(self, partner: Partner, options: dict[str, Any]) -> None:
        endpoint = endpoints.endpoint_of(partner)
        if options["set"]:
            wanted = {"event_types": options["event_type"], "message_format": options["format"]}
            if endpoint is None:
                endpoint, secret = endpoints.create(partner, options["set"], **wanted)
                self._tell_once(secret)
            else:
                endpoint = endpoints.replace(endpoint, options["set"], **wanted)
        if endpoint is None and (options["rotate"] or options["remove"]):
            raise endpoints.NoEndpoint(f"{partner.name} has no webhook endpoint: --set URL makes one")
        if endpoint is not None and options["rotate"]:
            self._tell_once(endpoints.rotate(endpoint))
        if endpoint is not None and options["remove"]:
            endpoints.remove(endpoint)
        if options["test"]:
            self.stdout.write(f"Sent as soon as a worker has time: {endpoints.send_test(partner).public_id}")

    def _tell_once(self, secret: str) -> None:
        self.stdout.write(f"Webhook secret: {secret}\nKeep what is printed here: it is not shown again.")

    def _show(self, partner: Partner) -> None:
        endpoint = endpoints.endpoint_of(partner)
        if endpoint is None:
            self.stdout.write(f"{partner.name} has no webhook endpoint.")
            return
        state = "off: it answered 410" if endpoint.off_since else "failing" if endpoint.failing_since else "on"
        waiting = Event.objects.filter(partner=partner, delivery=Event.Delivery.DUE).count()
        given_up = Event.objects.filter(partner=partner, delivery=Event.Delivery.GIVEN_UP).count()
        self.stdout.write(f"{endpoint.url} ({state}), {endpoint.event_types or 'all events'} as {endpoint.format}")
        self.stdout.write(f"{waiting} events wait to be sent, {given_up} are given up.")
