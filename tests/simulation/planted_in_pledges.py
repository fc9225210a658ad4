"""Small mistakes with pledges, found by histories of pledges.py."""

from tests.simulation.planted_bugs import Bug
from tests.simulation.planting import instead

SIDE = "pledges"

BUGS = (
    Bug(
        "a month that is too short goes over into the next, which has two gifts",
        "a-month-ends-with-its-last-day",
        instead("return date(year, month, 1) + timedelta(days=start.day - 1)"),
        side=SIDE,
        seed=5,
    ),
    Bug(
        "a worker that slept makes a gift for each that it has missed",
        "who-slept-makes-one-gift",
        instead("return Give(known.number)"),
        side=SIDE,
        seed=3,
    ),
    Bug(
        "a gift that fails is tried for ever",
        "a-pledge-is-not-tried-for-ever",
        instead("after = RETRY_AFTER[min(known.tries, len(RETRY_AFTER) - 1)]"),
        probe="a gift fails on and on",
    ),
    Bug(
        "a gift is charged again while its giver pays it",
        "no-charge-beside-another-checkout",
        instead("pass"),
        probe="a giver pays a gift that is to be charged again",
    ),
    Bug(
        "a step is made by whoever has read the pledge, however long ago",
        "a-step-is-made-once",
        instead("unchanged = Pledge.objects.filter(**row_key(pledge))"),
        probe="two workers have read the same pledge",
    ),
)
