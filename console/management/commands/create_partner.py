"""create_partner NAME [--redirect-host HOST]... [--webhook-url URL] [--fee-percent P] [--fee-fixed F] [--json]"""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from console.operator_command import OperatorCommand
from notifications import endpoints
from notifications.addresses import BadAddress
from partners import fees, keys
from partners.registration import BadPartner, in_mode, register


class Command(OperatorCommand):
    help = "Creates a partner and prints its API keys, live and test (and webhook secret), once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument(
            "--redirect-host", action="append", default=[], help="a host givers may be sent back to; repeatable"
        )
        parser.add_argument("--webhook-url", default="", help="where its events are sent, live and test alike")
        parser.add_argument("--fee-percent", default="", help="what the operator keeps of its gifts, instead of the setting's")
        parser.add_argument("--fee-fixed", default="", help="and of each besides, such as 0.30, in the gift's currency")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        secret = None
        try:
            with transaction.atomic():
                new = register(
                    options["name"],
                    redirect_hosts=options["redirect_host"],
                    fee_percent=fees.percent(options["fee_percent"], "--fee-percent"),
                    fee_fixed=fees.fixed(options["fee_fixed"], "--fee-fixed"),
                )
                in_test = in_mode(new.partner, is_test=True)
                test_key = keys.issue(in_test)
                if options["webhook_url"]:
                    _, secret = endpoints.create(new.partner, options["webhook_url"])
                    endpoints.create(in_test, options["webhook_url"], secret=secret)
        except (BadPartner, BadAddress, fees.BadFee) as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            shown = {"name": new.partner.name, "api_key": new.api_key, "test_api_key": test_key, "webhook_secret": secret}
            self.stdout.write(json.dumps(shown))
            return
        self.stdout.write(f"Partner:        {new.partner.name}\nAPI key:        {new.api_key}\nTest API key:   {test_key}")
        if secret:
            self.stdout.write(f"Webhook secret: {secret}")
        self.stdout.write("Keep what is printed here: it is not shown again.")
