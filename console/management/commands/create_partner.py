"""create_partner NAME [--redirect-host HOST]... [--webhook-url URL] [--fee-percent N] [--fee-fixed N] [--json]"""

import json
import re
from argparse import ArgumentTypeError
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from notifications import endpoints
from notifications.addresses import BadAddress
from partners.registration import BadPartner, register


def _decimal(text: str) -> Decimal:
    found = re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,4})?", text)
    if not found:
        raise ArgumentTypeError(f"{text!r} is not a plain decimal with at most 4 digits after the point, such as 2.5")
    return Decimal(text)


class Command(BaseCommand):
    help = "Creates a partner and prints its API key (and webhook secret), once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument(
            "--redirect-host", action="append", default=[], help="a host givers may be sent back to; repeatable"
        )
        parser.add_argument("--webhook-url", default="", help="where changes of a contribution's status are reported")
        parser.add_argument("--fee-percent", type=_decimal, help="what the operator keeps of each gift, in percent of it")
        parser.add_argument("--fee-fixed", type=_decimal, help="and so much besides, in units of the gift's currency")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        secret = None
        try:
            with transaction.atomic():
                fees = {name: options[name] for name in ("fee_percent", "fee_fixed")}
                new = register(options["name"], redirect_hosts=options["redirect_host"], **fees)
                if options["webhook_url"]:
                    _, secret = endpoints.create(new.partner, options["webhook_url"])
        except (BadPartner, BadAddress) as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(json.dumps({"name": new.partner.name, "api_key": new.api_key, "webhook_secret": secret}))
            return
        self.stdout.write(f"Partner:        {new.partner.name}\nAPI key:        {new.api_key}")
        if secret:
            self.stdout.write(f"Webhook secret: {secret}")
        self.stdout.write("Keep what is printed here: it is not shown again.")
