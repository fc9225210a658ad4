"""goal WORD [--json]"""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from console.operator_command import OperatorCommand
from console.story_lines import moment, printable
from contributions.goal_story import find_goal, goal_story_of

TOTALS = {"settled": "settled", "of_it_offline": " in cash", "of_it_matches": " matches", "authorized": "authorized"}
"""What each is called; those that are set in are parts of the one before them."""


class Command(OperatorCommand):
    help = "What the books say of a goal: its totals beside the sums of its ledger, who is paid, and every entry."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("word", metavar="WORD", help="its Id or ExternalItemId")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = find_goal(options["word"])
        if not found:
            raise CommandError(f"There is no goal with the Id or ExternalItemId {options['word'][:100]!r}.")
        for goal in found:
            story = goal_story_of(goal)
            if options["json"]:
                self.stdout.write(json.dumps(asdict(story), default=str))
            else:
                self._tell(story.goal, story.accounts, story.entries)

    def _tell(self, goal: dict[str, Any], accounts: list[dict[str, Any]], entries: list[dict[str, Any]]) -> None:
        self.stdout.write(printable(f"{goal['id']}  {goal['name']!r} of {goal['partner']} ({goal['mode']})"))
        for name, what in TOTALS.items():
            by_the_ledger = goal[f"{name}_by_the_ledger"]
            if what.startswith(" ") and not {*goal[name], *by_the_ledger} - {*"0."}:
                continue  # most goals have none of it
            right = "" if goal[name] == by_the_ledger else "  WRONG: rebuild_totals puts it right"
            self.stdout.write(f"{what:<12}{goal[name]} {goal['currency']}, by the ledger {by_the_ledger}{right}")
        for one in accounts:
            until = f"until {moment(one['retired'])}" if one["retired"] else "in use"
            kept = f"  payee {one['payee']}" if one["payee"] else ""
            self.stdout.write(f"{'paid to':<12}{one['provider']}  since {moment(one['made'])}  {until}{kept}")
        for one in entries:
            moved = f"settled {one['settled']}, authorized {one['authorized']} {one['currency']}"
            ids = f"{one['gift']}  {one['provider_reference'] or '-'}"
            self.stdout.write(printable(f"{'entry':<12}{moment(one['at'])}  {one['kind']}  {moved}  {ids}"))
