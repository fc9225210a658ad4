"""A gift's story as lines of text, for a terminal."""

import json
from collections.abc import Iterator
from datetime import datetime

from contributions.story import Row, Story


def one_line(story: Story) -> str:
    """The gift in a list."""
    gift = story.gift
    status = f"{gift['status']} ({gift['status_reason']})" if gift["status_reason"] else gift["status"]
    whose = f"{printable(gift['contributor'])!r} to {printable(gift['external_item_id'])!r} of {printable(gift['partner'])}"
    mode = ", test" if gift["mode"] == "test" else ""
    return f"{gift['id']}  {moment(gift['created_at'])}  {gift['amount']} {gift['currency']}  {status}  {whose}{mode}"


def lines_of(story: Story, pledge: Row | None) -> Iterator[str]:
    """The whole of it: why first, then who asks next, then every row that there is. `pledge`: the one that made the gift."""
    yield one_line(story)
    yield f"why       {story.cause}"
    yield f"next      {next_of(story)}"
    for name, text in promise_of(story, pledge):
        yield f"{name:<10}{text}"
    for name, rows in sections_of(story):
        for _, texts in rows:
            for number, text in enumerate(texts):
                yield f"{name if number == 0 else '':<10}{text}"


def sections_of(story: Story) -> Iterator[tuple[str, list[tuple[Row, list[str]]]]]:
    """The rows of each kind: each as it is, and as one line, or several where things belong to it."""
    for name, rows, tell in (
        ("attention", story.attention, _attention),
        ("checkout", story.checkouts, _checkout),
        ("history", story.history, _change),
        ("ledger", story.ledger, _entry),
        ("refund", story.refunds, _refund),
        ("dispute", story.disputes, lambda row: f"{row['id']}  heard of {moment(row['heard_at'])}"),
        ("request", story.requests, _request),
        ("event", story.events, _event),
        ("audit", story.audit_log, _audit),
    ):
        texts = [[tell(row), *(_delivery(one) for one in row.get("deliveries", []))] for row in rows]
        yield name, [(row, [printable(one) for one in told]) for row, told in zip(rows, texts, strict=True)]


def next_of(story: Story) -> str:
    """Who asks the provider next, and when."""
    at = f", {moment(story.next_question.at)}" if story.next_question.at else ""
    return f"{story.next_question.who}{at}"


def promise_of(story: Story, pledge: Row | None) -> list[tuple[str, str]]:
    """What the gift is, beside the line that it has in a list: names and texts."""
    gift = story.gift
    wanted = f"{gift['intent']} ({gift['intent_reason']})" if gift["intent_reason"] else gift["intent"]
    return [
        ("goal", f"{gift['goal']}  {printable(gift['goal_name'])!r}"),
        ("wanted", f"{wanted}, version {gift['version']}, Reference {printable(gift['reference']) or '-'}"),
        ("money", f"settled {gift['settled']}, refunded {gift['refunded']}, reversed {gift['reversed']} {gift['currency']}"),
        ("page", gift["pay_url"]),
        *(_pledge(pledge) if pledge else []),
    ]


def _pledge(row: Row) -> list[tuple[str, str]]:
    until = f" until {row['end_date']}" if row["end_date"] else ""
    what = f"{row['amount']} {row['currency']} every {row['every']} from {row['start_date']}{until}, {row['time_zone']}"
    counts = f"gifts made {row['gifts_made']}, skipped {row['gifts_skipped']}"
    which = f"{row['id']}  this is gift {row['number']}, {moment(row['made_at'])}  {what}  {row['state']}, {counts}"
    return [("pledge", which), ("then", row["next"])]


def moment(at: datetime | None) -> str:
    """To the second, UTC; never: None."""
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "-"


def printable(text: str) -> str:
    """What strangers wrote, with nothing in it that a terminal would act on, or that turns the line round."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def _checkout(row: Row) -> str:
    which = f"{row['number']}{' (current)' if row['current'] else ''} at {row['provider'] or 'no provider yet'}: {row['stage']}"
    ids = f"checkout {row['checkout_id'] or '-'}, payment {row['payment_id'] or '-'}"
    return f"{which}  {ids}  asked {row['questions']} times since it moved, next {moment(row['due_at'])}"


def _change(row: Row) -> str:
    return f"{moment(row['at'])}  {row['from_status'] or 'made'} -> {row['to_status']}  {row['reason'] or '-'}  {row['event']}"


def _entry(row: Row) -> str:
    ids = f"{row['provider_reference'] or '-'} {row['correlation_id'] or '-'}"
    moved = f"collected {row['collected']}, authorized {row['authorized']}"
    return f"{moment(row['at'])}  {row['kind']} {row['amount']} {row['currency']}  {moved}  by {row['cause']}  {ids}"


def _refund(row: Row) -> str:
    how = f"{row['status']} {row['failure'] or ''}".strip()
    asked = f"by {row['cause']} {moment(row['created_at'])}, next {moment(row['due_at'])}"
    return f"{row['id']}  {row['amount']} {row['currency']}  {how}  {asked}  {row['provider_reference'] or '-'}"


def _request(row: Row) -> str:
    ids = f"{row['request_id']} {row['correlation_id'] or '-'}"
    return f"{moment(row['created_at'])}  {row['operation']}: {_outcome(row)}, tries {row['tries']}  {ids}"


def _outcome(row: Row) -> str:
    """What is unknown was perhaps carried out: the gift's history tells what came of it."""
    return "no answer" if row["outcome"] == "unknown" and row["tries"] else str(row["outcome"])


def _event(row: Row) -> str:
    return f"{moment(row['at'])}  {row['type']}  {row['id']}{'' if row['deliveries'] else '  (nobody listens)'}"


def _delivery(row: Row) -> str:
    how = row.get("failure") or row.get("answer") or "not tried yet"
    return f"to {row['url']}: {row['state']}, tries {row['tries']}, last {how}, next {moment(row['due_at'])}"


def _attention(row: Row) -> str:
    detail = f" ({row['detail']})" if row["detail"] else ""
    return f"{row['number']} {row['kind']} since {moment(row['since'])}{detail}: {row.get('what', '')} {row.get('to_do', '')}"


def _audit(row: Row) -> str:
    who = f"{row['actor_kind']} {row['actor']}".strip()
    origin = f"{row['address'] or '-'}, request {row['request_id'] or '-'}"
    return f"{moment(row['at'])}  {row['action']}  by {who}, {origin}{_told(row)}"


def _told(row: Row) -> str:
    told = {name: row[name] for name in ("before", "after") if row[name] is not None}
    return "".join(f"  {name} {json.dumps(value, sort_keys=True)}" for name, value in told.items())
