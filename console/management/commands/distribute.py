"""distribute (--hash PARTITIONS | --citus) [--service-role ROLE] [--dry-run]"""

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connection, transaction

from console import database, distribution
from console.operator_command import OperatorCommand
from contributions import append_only

MOST_PARTITIONS = 256


class Command(OperatorCommand):
    help = "Spreads the tables that grow by partner, on an empty database that was just migrated: see docs/scale.md."

    def add_arguments(self, parser: CommandParser) -> None:
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--hash", type=int, metavar="PARTITIONS", help="over partitions of this PostgreSQL")
        how.add_argument("--citus", action="store_true", help="over the machines that this Citus coordinator knows")
        parser.add_argument(
            "--service-role", metavar="ROLE", help="lets this role do what the service does, and not rewrite books"
        )
        parser.add_argument("--dry-run", action="store_true", help="only print the statements")

    def handle(self, *args: Any, **options: Any) -> None:
        trouble = database.trouble()
        if trouble:
            raise CommandError(trouble)
        if connection.vendor != "postgresql":
            raise CommandError("Only tables of PostgreSQL can be spread: DATABASE_URL names another database")
        partitions, role = options["hash"], options["service_role"]
        if partitions is not None and not 1 <= partitions <= MOST_PARTITIONS:
            raise CommandError(f"--hash must be from 1 to {MOST_PARTITIONS}")
        try:
            tables = distribution.read(connection)
        except distribution.CannotBeSpread as error:
            raise CommandError(str(error)) from error
        statements = distribution.on_citus(tables) if options["citus"] else distribution.partitioned(tables, partitions)
        granted = append_only.privileges(connection, role, by_column=not options["citus"]) if role else []
        if options["dry_run"]:
            for statement in [*statements, *granted]:
                self.stdout.write(f"{statement};")
            return
        distribution.spread(connection, statements, with_triggers=not options["citus"])
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in granted:
                cursor.execute(statement)
        self.stdout.write(f"{len(tables)} tables are spread by {distribution.KEY}.")
