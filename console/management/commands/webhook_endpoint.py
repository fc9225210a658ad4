"""webhook_endpoint NAME [--test-mode] [--endpoint ID] [--set URL] [--add URL] [--event-type TYPE]... [--rotate] ..."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from console.operator_command import OperatorCommand
from notifications import endpoints
from notifications.addresses import BadAddress
from notifications.models import Delivery, WebhookEndpoint
from notifications.outbox import endpoints_of
from partners.models import Partner
from partners.registration import named


class Command(OperatorCommand):
    help = "Shows where a partner listens, and changes it: what the partner itself can do with /api/WebhookEndpoints."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--test-mode", action="store_true", help="the endpoint for what its test keys have made")
        parser.add_argument("--endpoint", metavar="ID", default="", help="which one to change; left out: the first")
        parser.add_argument("--set", metavar="URL", default="", help="listen there from now on; turns it on again")
        parser.add_argument("--add", metavar="URL", default="", help="listen there as well")
        parser.add_argument("--event-type", action="append", default=[], help="with --set, --add: only these; repeatable")
        parser.add_argument(
            "--format", default="JSON", choices=WebhookEndpoint.Format.values, help="with --set, --add: JSON or XML"
        )
        parser.add_argument("--rotate", action="store_true", help="a new secret; the old one signs too for a day")
        parser.add_argument("--test", action="store_true", help="send a test event")
        parser.add_argument("--remove", action="store_true", help="send nothing more")

    def handle(self, *args: Any, **options: Any) -> None:
        partner = named(options["name"], is_test=options["test_mode"])
        if partner is None:
            other = named(options["name"])
            only = f", only one {'in test: say --test-mode' if other.is_test else 'that is live'}" if other else ""
            raise CommandError(f"there is no partner named {options['name']!r}{only}")
        refusals = (BadAddress, endpoints.NoEndpoint, endpoints.StaleEndpoint, endpoints.TooManyEndpoints)
        try:
            self._change(partner, options)
        except refusals as error:
            raise CommandError(str(error)) from None
        self._show(partner)

    def _change(self, partner: Partner, options: dict[str, Any]) -> None:
        endpoint = self._chosen(partner, options["endpoint"])
        wanted = {"event_types": options["event_type"], "message_format": options["format"]}
        if options["add"] or (options["set"] and endpoint is None):
            endpoint, secret = endpoints.create(partner, options["add"] or options["set"], **wanted)
            self._tell_once(secret)
        elif options["set"] and endpoint is not None:
            endpoint = endpoints.replace(endpoint, options["set"], **wanted)
        if endpoint is None and (options["rotate"] or options["remove"]):
            raise endpoints.NoEndpoint(f"{partner.name} has no webhook endpoint: --set URL makes one")
        if endpoint is not None and options["rotate"]:
            self._tell_once(endpoints.rotate(endpoint))
        if endpoint is not None and options["remove"]:
            endpoints.remove(endpoint)
        if options["test"]:
            self.stdout.write(f"Sent as soon as a worker has time: {endpoints.send_test(endpoint).public_id}")

    def _chosen(self, partner: Partner, public_id: str) -> WebhookEndpoint | None:
        if not public_id:
            return endpoints.endpoint_of(partner)
        endpoint = endpoints_of(partner.pk).filter(public_id=public_id).first()
        if endpoint is None:
            raise CommandError(f"{partner.name} has no webhook endpoint {public_id}")
        return endpoint

    def _tell_once(self, secret: str) -> None:
        self.stdout.write(f"Webhook secret: {secret}\nKeep what is printed here: it is not shown again.")

    def _show(self, partner: Partner) -> None:
        every = list(endpoints_of(partner.pk))
        if not every:
            self.stdout.write(f"{partner.name} has no webhook endpoint.")
        for endpoint in every:
            state = "off: it answered 410" if endpoint.off_since else "failing" if endpoint.failing_since else "on"
            wanted = f"{endpoint.event_types or 'all events'} as {endpoint.format}"
            self.stdout.write(f"{endpoint.url} ({state}), {wanted}, {endpoint.public_id}")
            there = Delivery.objects.filter(endpoint=endpoint)
            waiting, given_up = there.filter(due_at__isnull=False), there.filter(state=Delivery.State.GIVEN_UP)
            self.stdout.write(f"{waiting.count()} events wait to be sent, {given_up.count()} are given up.")
