"""create_api_key NAME [--expires DATE] [--test] [--json]"""

import json
from datetime import UTC, datetime, time
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils.dateparse import parse_date, parse_datetime

import clock
from console.operator_command import OperatorCommand
from partners import keys
from partners.registration import in_mode, named


class Command(OperatorCommand):
    help = "Creates a further key for a partner: rotate without a gap, then revoke the old one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--expires", help="YYYY-MM-DD (the end of that day, UTC) or a date and time with an offset")
        parser.add_argument("--test", action="store_true", help="a test key: what it makes moves no real money")
        parser.add_argument("--key-name", default="", help="what you call it, such as where it is used")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        known = named(options["name"])
        if known is None:
            raise CommandError(f"there is no partner named {options['name']!r}")
        expires_at = _moment(options["expires"]) if options["expires"] else None
        if expires_at and expires_at <= clock.now():
            raise CommandError("--expires must lie in the future")
        try:
            with transaction.atomic():
                partner = in_mode(known, is_test=options["test"])
                key = keys.issue(partner, expires_at=expires_at, name=options["key_name"])
        except keys.BadKeyName as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            shown = {
                "name": partner.name,
                "api_key": key,
                "test": partner.is_test,
                "expires": expires_at.isoformat() if expires_at else None,
            }
            self.stdout.write(json.dumps(shown))
            return
        kind = "Test API key" if partner.is_test else "API key"
        self.stdout.write(f"Partner: {partner.name}\n{kind}: {key}\nKeep what is printed here: it is not shown again.")


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text) if "T" in text or " " in text else None
        date = None if moment else parse_date(text)
    except ValueError:
        moment = date = None
    if date:
        return datetime.combine(date, time.max, UTC)
    if moment is None or moment.tzinfo is None:
        raise CommandError("--expires must be YYYY-MM-DD or a date and time with an offset, such as 2027-01-31T12:00:00Z")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise CommandError("--expires must lie between the years 1 and 9999 in UTC") from None
