"""create_api_key NAME [--expires DATE] [--test] [--scope SCOPE]... [--sign | --public-key FILE] [--json]"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils.dateparse import parse_date, parse_datetime

import clock
from console.operator_command import OperatorCommand
from partners import keys, scopes, signing
from partners.models import Partner
from partners.registration import in_mode, named


class Command(OperatorCommand):
    help = "Creates a further key for a partner: rotate without a gap, then revoke the old one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--expires", help="YYYY-MM-DD (the end of that day, UTC) or a date and time with an offset")
        parser.add_argument("--test", action="store_true", help="a test key: what it makes moves no real money")
        parser.add_argument("--key-name", default="", help="what you call it, such as where it is used")
        parser.add_argument(
            "--scope", action="append", choices=scopes.ALL, help="what may be done with it; repeatable; without it: everything"
        )
        signed = parser.add_mutually_exclusive_group()
        signed.add_argument("--sign", action="store_true", help="a key that signs each request, with a shared secret (HS256)")
        signed.add_argument("--public-key", metavar="FILE", help="the partner's own: Ed25519's public key in PEM (EdDSA)")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        known = named(options["name"])
        if known is None:
            raise CommandError(f"there is no partner named {options['name']!r}")
        expires_at = _moment(options["expires"]) if options["expires"] else None
        if expires_at and expires_at <= clock.now():
            raise CommandError("--expires must lie in the future")
        may = options["scope"] or scopes.ALL
        try:
            with transaction.atomic():
                partner = in_mode(known, is_test=options["test"])
                shown = _make(partner, options, expires_at=expires_at, may=may)
        except keys.BadKeyName as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            told = {
                "name": partner.name,
                **shown,
                "test": partner.is_test,
                "scopes": list(may),
                "expires": expires_at.isoformat() if expires_at else None,
            }
            self.stdout.write(json.dumps(told))
            return
        kinds = {"api_key": "Test API key" if partner.is_test else "API key", "kid": "kid", "secret": "Secret"}  # nosec B105 - a label
        lines = [f"{kinds[name]}: {value}" for name, value in shown.items()]
        if not options["public_key"]:
            lines.append("Keep what is printed here: it is not shown again.")
        self.stdout.write("\n".join([f"Partner: {partner.name}", *lines]))


def _make(partner: Partner, options: dict[str, Any], *, expires_at: datetime | None, may: Iterable[str]) -> dict[str, str]:
    """The new key, as it is shown this once. Raises BadKeyName, CommandError."""
    how: dict[str, Any] = {"expires_at": expires_at, "name": options["key_name"], "may": may}
    if options["sign"]:
        kid, secret = signing.issue_secret(partner, **how)
        return {"kid": kid, "secret": secret}
    if options["public_key"]:
        try:
            return {"kid": signing.register_public_key(partner, Path(options["public_key"]).read_text(), **how)}
        except (OSError, signing.BadPublicKey, UnicodeDecodeError) as error:
            raise CommandError(f"--public-key: {error}") from None
    return {"api_key": keys.issue(partner, **how)}


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
