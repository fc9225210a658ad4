"""keys [NAME] [--json]; keys --rename PREFIX NAME; keys --revoke PREFIX"""

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser

from console.key_state import state_of
from console.operator_command import OperatorCommand
from partners import keys
from partners.models import ApiKey, Partner


class Command(OperatorCommand):
    help = "Lists API keys: how each begins, whose it is, what it is called, and whether it is live. Renames and revokes one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", nargs="?", default="", help="those of this partner alone, live and test")
        parser.add_argument("--rename", nargs=2, metavar=("PREFIX", "NAME"), help="call the key that begins so by this name")
        parser.add_argument("--revoke", metavar="PREFIX", help="as revoke_api_key")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["revoke"]:
                key = keys.revoke(options["revoke"])
                self.stdout.write(f"Revoked {key} of {key.partner.name}.")
            elif options["rename"]:
                key = keys.rename(*options["rename"])
                self.stdout.write(f"{key} of {key.partner.name} is called {key.name!r} now.")
            else:
                self._list(options["name"], as_json=options["json"])
        except (keys.NoSuchKey, keys.AmbiguousPrefix, keys.BadKeyName) as error:
            raise CommandError(str(error)) from None

    def _list(self, name: str, *, as_json: bool) -> None:
        found = [key for key in keys.listed() if not name or key.partner.name == name]
        if name and not Partner.objects.filter(name=name).exists():
            raise CommandError(f"there is no partner named {name!r}")
        if as_json:
            self.stdout.write(json.dumps([_told(key) for key in found]))
            return
        for key in found:
            told = _told(key)
            called = f"  {key.name!r}" if key.name else ""
            self.stdout.write(
                f"{key}  {told['mode']}  {told['partner']}  made {key.created_at:%Y-%m-%d}  {state_of(key)}{called}"
            )
        if not found:
            self.stdout.write("There are no keys.")


def _told(key: ApiKey) -> dict[str, str | None]:
    moments = {"created": key.created_at, "expires": key.expires_at, "revoked": key.revoked_at}
    told = {"prefix": key.prefix, "name": key.name, "partner": key.partner.name, "state": state_of(key)}
    mode = {"mode": "test" if key.partner.is_test else "live"}
    return told | mode | {name: at.isoformat() if at else None for name, at in moments.items()}
