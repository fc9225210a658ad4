"""partner_access NAME [--requests-per-minute N] [--network CIDR]... [--signed-only] ...: how a partner may call

Without options it only shows.
"""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from console.operator_command import OperatorCommand
from partners import audit_log, networks
from partners.models import Partner

MOST_REQUESTS = 10_000_000


class Command(OperatorCommand):
    help = "Shows how a partner may call, live and in test alike, and changes it, from the next request on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        limit = parser.add_mutually_exclusive_group()
        limit.add_argument("--requests-per-minute", type=int, metavar="N", help="with each of its keys; 0: any number")
        limit.add_argument("--usual-limit", action="store_true", help="as RATE_LIMIT_KEY says")
        network = parser.add_mutually_exclusive_group()
        network.add_argument(
            "--network", action="append", metavar="CIDR", help="the only ones that its requests may come from; repeatable"
        )
        network.add_argument("--any-network", action="store_true", help="they may come from anywhere")
        plain = parser.add_mutually_exclusive_group()
        plain.add_argument("--signed-only", action="store_true", help="plain keys are refused: each request is signed")
        plain.add_argument("--plain-keys", action="store_true", help="plain keys are taken, too")

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Partner.objects.filter(name=options["name"])
        if not rows:
            raise CommandError(f"there is no partner named {options['name']!r}")
        try:
            changes = _changes(options)
        except networks.BadNetwork as error:
            raise CommandError(str(error)) from None
        with transaction.atomic():
            for row in rows.select_for_update() if changes else ():
                before = {name: getattr(row, name) for name in changes}
                Partner.objects.filter(pk=row.pk).update(**changes)
                audit_log.record("partner.access_changed", row.name, partner=row, before=before, after=changes)
        for row in rows.all().order_by("is_test"):
            limit = "as RATE_LIMIT_KEY says" if row.requests_per_minute is None else row.requests_per_minute or "any"
            self.stdout.write(
                f"{row.name} ({'test' if row.is_test else 'live'})\n"
                f"    requests a minute and key: {limit}\n"
                f"    networks: {row.networks.replace(' ', ', ') or 'any'}\n"
                f"    plain keys: {'refused' if row.signed_only else 'taken'}"
            )


def _changes(options: dict[str, Any]) -> dict[str, Any]:
    """The columns to be written. Raises BadNetwork, CommandError."""
    changes: dict[str, Any] = {}
    number = options["requests_per_minute"]
    if number is not None:
        if not 0 <= number <= MOST_REQUESTS:
            raise CommandError(f"--requests-per-minute is a number from 0 to {MOST_REQUESTS}")
        changes["requests_per_minute"] = number
    if options["usual_limit"]:
        changes["requests_per_minute"] = None
    if options["network"] or options["any_network"]:
        changes["networks"] = networks.stored(options["network"] or ())
    if options["signed_only"] or options["plain_keys"]:
        changes["signed_only"] = options["signed_only"]
    return changes
