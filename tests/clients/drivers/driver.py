"""The Python package, told what to do line by line: see tests/clients/driving.py."""

import dataclasses
import itertools
import json
import sys
from datetime import datetime
from decimal import Decimal
from typing import Any

import whipround
from whipround import Client, PaymentProvider, SavingGoal, WhiproundError

client: Client
known: dict[str, Any] = {}
"""Records that were read, by their Id: what is sent back is what was got."""


def plain(value: Any) -> Any:
    if isinstance(value, whipround.Record):
        if getattr(value, "id", None):
            known[value.id] = value
        names = [one.attribute for one in value.ELEMENTS] + ["etag"]
        return {camel(name): plain(getattr(value, name)) for name in names}
    if isinstance(value, whipround.Bounce):
        return {camel(name): one for name, one in dataclasses.asdict(value).items()}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return str(value) if isinstance(value, Decimal | datetime) else value


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def snake(name: str) -> str:
    """Filters of lists across goals keep their names on the wire."""
    return name if name[0].isupper() else "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def told(error: Exception) -> dict[str, Any]:
    names = ("status", "code", "detail", "retry_after", "idempotency_key", "current_version", "after_lost_answer", "sentences",
             "contribution_id", "reason", "differs")  # fmt: skip
    found = {camel(name): plain(getattr(error, name)) for name in names if hasattr(error, name)}
    faults = [[fault.path, fault.sentence] for fault in getattr(error, "faults", ())]
    current = plain(getattr(error, "current", None))
    return found | {"kind": type(error).__name__, "faults": faults, "current": current, "message": str(error)}


def do(what: str, given: dict[str, Any]) -> Any:
    global client
    arguments = {snake(name): value for name, value in given.items()}
    if what == "open":
        client = Client(**arguments, on_notice=lambda notice: known.setdefault("notices", []).append(notice))
        return None
    if what in {"notices", "floats"}:
        return (
            known.get("notices", [])
            if what == "notices"
            else plain(client.create_contribution("x", amount=0.1, contributor="x"))
        )  # type: ignore[arg-type]
    if what in {"verifyWebhook", "verifyBounce"}:
        if "body" in arguments:
            arguments["body"] = arguments["body"].encode()
        return plain(getattr(whipround, snake(what))(**arguments))
    if "payment_providers" in arguments:
        providers = [{snake(name): value for name, value in one.items()} for one in arguments["payment_providers"]]
        arguments["payment_providers"] = [PaymentProvider(**one) for one in providers]
    if what == "replaceGoal":
        goal: SavingGoal = known[arguments.pop("goal_id")]
        return plain(client.replace_goal(dataclasses.replace(goal, **arguments)))
    if what in {"getGoalIfChanged", "waitForContribution"}:
        arguments["known"] = known[arguments.pop("id")]
    take = arguments.pop("take", None)
    done = getattr(client, snake(what))(**arguments)
    return plain(list(itertools.islice(done, take)) if hasattr(done, "__next__") else done)


for line in sys.stdin:
    asked = json.loads(line)
    try:
        answer = {"ok": do(asked["do"], asked["with"])}
    except (WhiproundError, TypeError, ValueError) as error:
        answer = {"error": told(error)}
    print(json.dumps(answer), flush=True)
