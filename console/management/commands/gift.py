"""gift WORD [--ask-now] [--json]"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from console.operator_command import OperatorCommand
from console.story_lines import lines_of, one_line
from contributions.asking_now import ask_now
from contributions.search import NEWEST_READ, find
from contributions.story import Story, story_of
from pledges.story import pledge_of


class Command(OperatorCommand):
    help = (
        "The whole story of a gift, and why it is what it is. WORD is any id of it, ours or the provider's (of the order, the "
        "capture, a refund, a dispute, a request), its address, its Reference, the Id of its goal, giver, permission or "
        "pledge, its goal's ExternalItemId, its amount, or a part of the giver's name. Several found: a list."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("word", nargs="+", metavar="WORD")
        parser.add_argument("--ask-now", action="store_true", help="ask the provider first, and say what that has changed")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        word = " ".join(options["word"])
        found = find(word)
        if not found.gifts:
            raise CommandError(
                f"There is no gift to be found by {word[:100]!r}: neither by an id of it, its Reference or its goal, "
                f"nor, among the newest {NEWEST_READ}, by its amount or the giver's name."
            )
        if len(found.gifts) > 1:
            if options["ask_now"]:
                raise CommandError(f"{len(found.gifts)} gifts are found by {word[:100]!r}: say the Id of one with --ask-now.")
            self._list([story_of(gift) for gift in found.gifts], are_all=found.are_all, as_json=options["json"])
            return
        story, changes = story_of(found.gifts[0]), None
        if options["ask_now"]:
            asked = ask_now(found.gifts[0])
            story, changes = asked.story, asked.changes
            self._tell_asked(asked.was_asked, asked.silent, changes, options["json"])
        pledge = pledge_of(found.gifts[0])
        if options["json"]:
            told = asdict(story) | {"pledge": pledge} | ({} if changes is None else {"changes": changes})
            self.stdout.write(json.dumps(told, default=str))
            return
        for line in lines_of(story, pledge):
            self.stdout.write(line)

    def _list(self, stories: Iterable[Story], *, are_all: bool, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps([story.gift | {"cause": story.cause} for story in stories], default=str))
            return
        for story in stories:
            self.stdout.write(one_line(story))
        if not are_all:
            self.stdout.write("There are more: say more of it.")

    def _tell_asked(self, was_asked: bool, silent: bool, changes: list[str], as_json: bool) -> None:
        if as_json:
            return
        if not was_asked:
            self.stdout.write("Not asked: somebody else is asking at this moment.")
        elif silent:
            self.stdout.write("Asked: the provider did not answer.")
        elif not changes:
            self.stdout.write("Asked: the provider's answer changes nothing.")
        else:
            self.stdout.write("Asked: the provider's answer has changed this.")
        for change in changes:
            self.stdout.write(f"    {change}")
