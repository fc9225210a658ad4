"""The reads that partners repeat all day, each by one statement: the key that came with it, its partner and what is read.

    dispatch                 offer(): this method of the resource may be read ahead
    KeyAuthentication        recognised(): the statement is sent; where it finds nothing, the key is looked for alone
    PartnerResource.obj_get  taken(): the record that came with the key; where there is none, it is looked for alone

The partner's number is sent with the statement, since a database that is spread by it asks one machine then, and all machines
where only a join or a subquery finds it. A process knows whose a key is once it has recognised it, which is the long way; and
the statement still says that it is.

So nothing is decided here. Whether the key holds, whose record it is and how it is shown is asked of the same models in the
same places as after a look-up of each; a statement that finds nothing is no refusal. See docs/decisions/0072-hot-reads.md.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.http import HttpRequest

import clock
from api.joined_rows import Number, Part, Statement
from api.paging import DEFAULT_PAGE, LARGEST_PAGE
from api.records.goal import NESTED_CONTRIBUTIONS, Lists
from contributions import newest, room
from contributions.models import Checkout, Contribution
from goals.models import Payee, PaymentAccount, SavingGoal
from goals.rules import live_accounts
from ids import is_id
from notifications.models import Event
from notifications.outbox import is_event_id
from partners import keys
from partners.models import ApiKey, Partner


@dataclass(frozen=True)
class Found:
    """What a statement has found."""

    key: ApiKey
    record: Any


@dataclass(frozen=True)
class Page:
    """A page of a partner's feed: how far the feed had come when it was read, and the events, at most `limit` and one."""

    last_position: int | None
    start: int
    events: list[Event]


Whose = dict[str, Any]
"""The digest of the request's key, and the number of the partner that it is of: what each statement is given."""

Read = Callable[[HttpRequest, Whose, Mapping[str, str]], Found | None]
"""By whose request it is, and what the path names."""

_KEY = """
FROM partners_apikey "key"
JOIN partners_partner partner ON partner.id = "key".partner_id
"""
_LIVE = """
WHERE "key".digest = %(digest)s AND "key".partner_id = %(partner)s AND "key".algorithm = '' AND "key".revoked_at IS NULL
"""
_CHECKOUT_PARTS = (
    Part(Checkout, "checkout", "id", "account_id", of=["gift.checkout"]),
    Part(PaymentAccount, "account", "id", "provider", of=["checkout.account"]),
)


# --- A contribution ---------------------------------------------------------------------------------------------------

_CONTRIBUTION = Statement(
    f"""
SELECT {{0}}, {{1}}, {{2}}, {{3}}, {{4}}, {{5}}
{_KEY}
JOIN contributions_contribution gift ON gift.partner_id = %(partner)s
JOIN goals_savinggoal goal ON goal.id = gift.goal_id AND goal.partner_id = %(partner)s
LEFT JOIN contributions_checkout checkout ON checkout.id = gift.checkout_id AND checkout.partner_id = %(partner)s
LEFT JOIN goals_paymentaccount account ON account.id = checkout.account_id AND account.partner_id = %(partner)s
{_LIVE} AND gift.public_id = %(public_id)s
""",
    Part(ApiKey, "key"),
    Part(Partner, "partner", of=["key.partner", "goal.partner"]),
    Part(Contribution, "gift"),
    Part(SavingGoal, "goal", "id", "public_id", "partner_id", "certificates_of_id", of=["gift.goal"]),
    *_CHECKOUT_PARTS,
)


def contribution(request: HttpRequest, whose: Whose, named: Mapping[str, str]) -> Found | None:
    """A key with the contribution of its partner's."""
    public_id = named["contribution_id"]
    if not is_id(public_id):
        return None
    for key, _, gift, *_ in _CONTRIBUTION.rows(whose | {"public_id": public_id}):
        return _found(key, gift)
    return None


# --- A goal -----------------------------------------------------------------------------------------------------------

_THIS = """(
    SELECT id FROM goals_savinggoal
    WHERE public_id = %(public_id)s AND partner_id = %(partner)s AND NOT (version = %(version)s AND activity = %(activity)s)
)"""
_NEWEST = newest.NEWEST_IDS.format(goal=_THIS, partner="%(partner)s", most="%(most)s")
_GOAL = Statement(
    f"""
SELECT {{0}}, {{1}}, {{2}},
CASE WHEN goal.overfunding = 'Allowed' THEN 0 ELSE (
    SELECT CAST(COALESCE(SUM(amount_minor), 0) AS bigint) FROM contributions_contribution
    WHERE goal_id = goal.id AND partner_id = %(partner)s AND reserved_until > %(now)s
) END AS {{3}},
{{4}}, {{5}}, {{6}}, {{7}}, {{8}}
{_KEY}
JOIN goals_savinggoal goal ON goal.partner_id = %(partner)s
LEFT JOIN (
    SELECT id AS account_id, CAST(NULL AS bigint) AS gift_id FROM goals_paymentaccount
    WHERE goal_id = {_THIS} AND partner_id = %(partner)s AND retired_at IS NULL
    UNION ALL
    SELECT CAST(NULL AS bigint), id FROM ({_NEWEST}) AS listed
) AS listed ON 1 = 1
LEFT JOIN goals_paymentaccount paid ON paid.id = listed.account_id AND paid.partner_id = %(partner)s
LEFT JOIN goals_payee payee ON payee.id = paid.payee_id AND payee.partner_id = %(partner)s
LEFT JOIN contributions_contribution gift ON gift.id = listed.gift_id AND gift.partner_id = %(partner)s
LEFT JOIN contributions_checkout checkout ON checkout.id = gift.checkout_id AND checkout.partner_id = %(partner)s
LEFT JOIN goals_paymentaccount account ON account.id = checkout.account_id AND account.partner_id = %(partner)s
{_LIVE} AND goal.public_id = %(public_id)s
""",  # noqa: S608 - our own text
    Part(ApiKey, "key"),
    Part(Partner, "partner", of=["key.partner", "goal.partner"]),
    Part(SavingGoal, "goal", of=["gift.goal"]),
    Number("reserved_minor"),
    Part(PaymentAccount, "paid", "id", "provider", "payee_id"),
    Part(Payee, "payee", "id", "public_id", of=["paid.payee"]),
    Part(Contribution, "gift"),
    *_CHECKOUT_PARTS,
    alike=4,
)
"""With a row for each account and contribution that stands in it; of a goal that the client has already, without them."""

_A_GOALS_TAG = re.compile(r'(?:W/)?"([0-9]{1,18})\.([0-9]{1,18})\.[^",]*"')
_NO_VERSION = (-1, -1)


def goal(request: HttpRequest, whose: Whose, named: Mapping[str, str]) -> Found | None:
    """A key with the goal of its partner's, what is reserved of it, and what stands in it."""
    public_id = named["goal_id"]
    if not is_id(public_id):
        return None
    tag = _A_GOALS_TAG.fullmatch(request.META.get("HTTP_IF_NONE_MATCH", "").strip())
    known = (int(tag[1]), int(tag[2])) if tag else _NO_VERSION
    now = connection.ops.adapt_datetimefield_value(clock.now())
    asked = {"public_id": public_id, "version": known[0], "activity": known[1], "now": now, "most": NESTED_CONTRIBUTIONS + 1}
    rows = _GOAL.rows(whose | asked)
    if not rows:
        return None
    key, _, this_goal, reserved = rows[0][:4]
    room.remember(this_goal, reserved)
    if known != (this_goal.version, this_goal.activity):
        _put_in(this_goal, rows)
    return _found(key, this_goal)


def _put_in(this_goal: SavingGoal, rows: list[list[Any]]) -> None:
    accounts = [paid for *_, paid, _, _, _, _ in rows if paid is not None]
    gifts = [gift for *_, gift, _, _ in rows if gift is not None]
    lists = Lists(sorted(accounts, key=lambda one: int(one.pk)), sorted(gifts, key=lambda one: -int(one.pk)))
    vars(this_goal)["lists"] = lists


def lists_of(this_goal: SavingGoal) -> Lists | None:
    """What stands in the goal, where that was read with it."""
    lists: Lists | None = vars(this_goal).get("lists")
    return lists


# --- A goal that is given to ----------------------------------------------------------------------------------------------

_GIVEN_TO = Statement(
    f"""
SELECT {{0}}, {{1}}, {{2}}, {{3}}, {{4}}
{_KEY}
JOIN goals_savinggoal goal ON goal.partner_id = %(partner)s
LEFT JOIN goals_paymentaccount paid ON paid.goal_id = goal.id AND paid.partner_id = %(partner)s AND paid.retired_at IS NULL
LEFT JOIN goals_payee payee ON payee.id = paid.payee_id AND payee.partner_id = %(partner)s
{_LIVE} AND goal.public_id = %(public_id)s
""",
    Part(ApiKey, "key"),
    Part(Partner, "partner", of=["key.partner", "goal.partner"]),
    Part(SavingGoal, "goal"),
    Part(PaymentAccount, "paid"),
    Part(Payee, "payee", of=["paid.payee"]),
    alike=3,
)
"""With a row for each account that new gifts may be paid to."""


def given_to(request: HttpRequest, whose: Whose, named: Mapping[str, str]) -> Found | None:
    """A key with the goal of its partner's, and whom gifts to it can be paid to."""
    public_id = named["goal_id"]
    rows = _GIVEN_TO.rows(whose | {"public_id": public_id}) if is_id(public_id) else []
    if not rows:
        return None
    key, _, goal, *_ = rows[0]
    paid = [account for *_, account, _ in rows if account is not None]
    vars(goal)["accounts"] = sorted(paid, key=lambda one: int(one.pk))
    return _found(key, goal)


def accounts_of(goal: SavingGoal) -> list[PaymentAccount]:
    """Those that new gifts may be paid to, in the order in which they were given."""
    accounts: list[PaymentAccount] | None = vars(goal).get("accounts")
    return live_accounts(goal) if accounts is None else accounts


# --- The feed ---------------------------------------------------------------------------------------------------------

_FEED = Statement(
    f"""
SELECT {{0}}, {{1}}, sequence.last_position AS {{2}}, seen.position AS {{3}}, {{4}}
{_KEY}
JOIN notifications_event seen ON seen.partner_id = %(partner)s AND seen.public_id = %(after)s
LEFT JOIN notifications_eventsequence sequence ON sequence.partner_id = %(partner)s
LEFT JOIN (
    SELECT id FROM notifications_event WHERE partner_id = %(partner)s
    AND position > (SELECT position FROM notifications_event WHERE public_id = %(after)s AND partner_id = %(partner)s)
    ORDER BY position LIMIT %(most)s
) AS page ON 1 = 1
LEFT JOIN notifications_event event ON event.id = page.id AND event.partner_id = %(partner)s
{_LIVE}
""",  # noqa: S608 - our own text
    Part(ApiKey, "key"),
    Part(Partner, "partner", of=["key.partner"]),
    Number("last_position"),
    Number("start"),
    Part(Event, "event"),
    alike=4,
)


def feed(request: HttpRequest, whose: Whose, named: Mapping[str, str]) -> Found | None:
    """A key with what follows an event of its partner's."""
    given = {name: values for name, values in request.GET.lists() if name not in {"ApiKey", "format", "wait"}}
    after, limit = given.pop("after", []), given.pop("limit", [str(DEFAULT_PAGE)])
    if given or len(after) != 1 or not is_event_id(after[0]) or len(limit) != 1 or not limit[0].isdecimal():
        return None
    rows = _FEED.rows(whose | {"after": after[0], "most": min(int(limit[0][:4]), LARGEST_PAGE) + 1})
    if not rows:
        return None
    key, _, last_position, start, _ = rows[0]
    events = sorted((row[4] for row in rows if row[4] is not None), key=lambda one: int(one.position))
    return _found(key, Page(last_position, start, events))


# --- In the course of a request ---------------------------------------------------------------------------------------


def _found(key: ApiKey, record: Any) -> Found | None:
    """None where the key is over."""
    return Found(key, record) if key.expires_at is None or key.expires_at > clock.now() else None


def offer(request: HttpRequest, read: Read | None, named: Mapping[str, str]) -> None:
    """Before the request is authenticated."""
    request.hot_read = (read, named) if read else None  # type: ignore[attr-defined]
    request.read_ahead = None  # type: ignore[attr-defined]


def recognised(request: HttpRequest, sent: str) -> ApiKey | None:
    """The live plain key that came with the request, with its partner."""
    offered: tuple[Read, Mapping[str, str]] | None = getattr(request, "hot_read", None)
    whose = _whose(sent) if offered else None
    found = offered[0](request, whose, offered[1]) if offered and whose else None
    if found is None:
        return keys.recognise(sent)
    request.read_ahead = found.record  # type: ignore[attr-defined]
    return found.key


def _whose(sent: str) -> Whose | None:
    digest = keys.digest_of(sent)
    partner_id = keys.partner_id_of(digest)
    return None if partner_id is None else {"digest": digest, "partner": partner_id}


def taken(request: HttpRequest) -> Any:
    """What was read with the key: once, since whoever asks again wants to know how it is now."""
    record = getattr(request, "read_ahead", None)
    request.read_ahead = None  # type: ignore[attr-defined]
    return record
