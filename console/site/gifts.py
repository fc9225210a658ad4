"""Gifts: found by any word, and the whole story of one on a page, as `manage.py gift` tells it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from console.models import Operator
from console.site.doors import for_operators, page, see_other
from console.story_lines import moment, next_of, one_line, printable, promise_of, sections_of
from contributions.models import Contribution
from contributions.search import NEWEST_READ, find
from contributions.status import PENDING, REVERSED, SETTLED
from contributions.story import Story, story_of
from ids import is_id, new_id
from lookups import one_or_none
from partners.tags import by_public_id
from pledges.story import pledge_of

TITLES = {
    "attention": "Waits for a person",
    "checkout": "Checkouts",
    "history": "History",
    "ledger": "Books",
    "refund": "Refunds",
    "dispute": "Disputes",
    "request": "Requests to the provider",
    "event": "Events and deliveries",
    "audit": "Audit log",
}


@for_operators
@require_safe
def search(request: HttpRequest, operator: Operator) -> HttpResponse:
    """The search, and what was found; a single gift is shown at once."""
    word = request.GET.get("q", "").strip()
    if not word:
        return page(request, "search", {}, operator=operator)
    found = find(word)
    if len(found.gifts) == 1:
        return see_other(f"/gifts/{found.gifts[0].public_id}")
    context = {
        "word": word,
        "gifts": [_in_a_list(gift) for gift in found.gifts],
        "are_all": found.are_all,
        "newest_read": NEWEST_READ,
    }
    return page(request, "search", context, operator=operator)


@for_operators
@require_safe
def gift(request: HttpRequest, operator: Operator, gift_id: str) -> HttpResponse:
    """The whole story of one gift, and what can be ordered about it."""
    found = gift_or_404(gift_id)
    story = story_of(found)
    sections = [
        {"title": TITLES[name], "name": name, "rows": [{"row": row, "lines": lines} for row, lines in rows]}
        for name, rows in sections_of(story)
        if rows
    ]
    context = {
        "gift": story.gift,
        "line": one_line(story),
        "cause": story.cause,
        "next": next_of(story),
        "promise": promise_of(story, pledge_of(found)),
        "sections": sections,
        "contributor": printable(story.gift["contributor"]),
        "created_at": moment(story.gift["created_at"]),
        **_orders(story),
    }
    return page(request, "gift", context, operator=operator)


def gift_or_404(gift_id: str) -> Contribution:
    """Raises Http404."""
    found = one_or_none(Contribution.objects.whole().filter(**by_public_id(gift_id))) if is_id(gift_id) else None
    if found is None:
        raise Http404
    return found


def _orders(story: Story) -> dict[str, Any]:
    """What it makes sense to offer. Whether an order can be carried out is the domain's to say."""
    status = story.gift["status"]
    return {
        "may_refund": status == SETTLED,
        "may_release": status not in {PENDING, SETTLED, REVERSED} and story.gift["deleted_at"] is None,
        "refund_id": new_id(),
    }


def _in_a_list(gift: Contribution) -> dict[str, str]:
    story = story_of(gift)
    return {"id": gift.public_id, "line": one_line(story), "cause": story.cause}
