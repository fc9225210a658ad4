"""Feed alone against polling alone: who reads only the events and who only polls end with the same books.

They do in each history of test_simulation.py; here it is seen that anything else would be noticed.
`python -m tests.simulation.run --with followers --histories 1000` lives through more histories than the test does.
"""

from typing import Any

import pytest

from tests.simulation.followers import Followed, Follower
from tests.simulation.side import Wrong


@pytest.mark.django_db
def test_a_feed_that_leaves_something_out_is_found():
    """The follower is no decoration: without the part refunds its books differ, or its versions have a gap."""
    with pytest.raises(Wrong, match=r"the feed goes from version|the books differ"):
        _histories_of_a_forgetful_one()


def _histories_of_a_forgetful_one() -> None:
    for seed in range(1, 30):
        history = Followed(seed)
        history.follower = Forgetful()
        history.run()


class Forgetful(Follower):
    """Is not told of a part that was given back."""

    def takes(self, shown: dict[str, Any]) -> None:
        if shown["Status"] != "Settled" or float(shown["RefundedAmount"]) == 0:
            super().takes(shown)
