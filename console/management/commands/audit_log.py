"""audit_log [--partner NAME] [--about ID] [--action WORD] [--actor WORD] [--since MOMENT] [--limit N] [--json]"""

import json
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime

from console.audit_lines import audit_line
from console.operator_command import OperatorCommand
from partners.models import AuditEntry, Partner


class Command(OperatorCommand):
    help = "Who changed what of keys, payees, addresses, settings and money, and from where: the newest last."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--partner", metavar="NAME", default="", help="what was done about this partner, live and test")
        parser.add_argument("--about", metavar="ID", default="", help="of one record: its Id, or how a key begins")
        parser.add_argument("--action", metavar="WORD", default="", help="one action, or all of a kind, such as api_key")
        parser.add_argument("--actor", metavar="WORD", default="", help="how the key begins, or the operator's account")
        parser.add_argument("--since", metavar="MOMENT", default="", help="YYYY-MM-DD, or a date and time with an offset")
        parser.add_argument("--limit", type=int, default=100, help="the newest of them; 100 unless told otherwise")
        parser.add_argument("--json", action="store_true", help="print JSON, one object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["limit"] < 1:
            raise CommandError("--limit must be 1 or more")
        rows = self._wanted(options).select_related("partner").order_by("-pk")[: options["limit"]]
        found = list(reversed(rows))
        for row in found:
            self.stdout.write(json.dumps(_told(row)) if options["json"] else audit_line(row))
        if not found and not options["json"]:
            self.stdout.write("Nothing of the kind was recorded.")

    def _wanted(self, options: dict[str, Any]) -> QuerySet[AuditEntry]:
        rows = AuditEntry.objects.all()
        if options["partner"]:
            partners = list(Partner.objects.filter(name=options["partner"]))
            if not partners:
                raise CommandError(f"there is no partner named {options['partner']!r}")
            rows = rows.filter(partner__in=partners)
        if options["since"]:
            rows = rows.filter(at__gte=_moment(options["since"]))
        for name in ("about", "action", "actor"):
            if options[name]:
                rows = rows.filter(**{f"{name}__startswith": options[name].rstrip("…")})
        return rows


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text) or datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise CommandError("--since must be YYYY-MM-DD, or a date and time such as 2027-01-31T12:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _told(row: AuditEntry) -> dict[str, Any]:
    names = ("actor_kind", "actor", "address", "request_id", "action", "about", "before", "after")
    partner = {"partner": row.partner.name, "mode": "test" if row.partner.is_test else "live"} if row.partner else {}
    return {"at": row.at.isoformat()} | {name: getattr(row, name) for name in names} | partner
