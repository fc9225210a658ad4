"""A crowd comes over HTTP to the real server and its two processes, and each gives to the same goal: the sum is exact."""

from collections import Counter
from functools import partial

import pytest

from tests.crowds.conftest import what_is_wrong_with_the_books
from tests.crowds.visitors import all_at_once

THREADS, GIFTS = 64, 5


@pytest.mark.full  # contributions/test_crowds.py has the same crowd in one process
def test_320_gifts_of_64_givers_add_up_to_the_cent(service, crowded_shop):
    goal = crowded_shop.new_goal()
    service.start_worker()

    def give_5_times(number):
        shop, statuses = crowded_shop.another(), Counter()
        for gift in range(GIFTS):
            made = shop.give(goal, f"{gift + 1}.{number:02}")
            chosen = shop.choose(shop.checkout(made.json()["ProviderURL"]), "approve")
            back = shop.ask("GET", chosen.headers["Location"])
            bounced = back.headers["Location"] == f"https://shop.example/thanks?Id={made.json()['Id']}"
            statuses.update([made.status_code, chosen.status_code, back.status_code, "thanked" if bounced else back.text])
        return statuses

    told = sum(all_at_once([partial(give_5_times, number) for number in range(THREADS)]), Counter())
    assert told == {201: 320, 303: 640, "thanked": 320}
    # 5 gifts of 1.xx to 5.xx from each: 64 x 15.00, and 5 x (0.00 + 0.01 + ... + 0.63).
    collected = crowded_shop.read(f"/api/SavingGoal/{goal}")
    assert (collected["CurrentAmount"], collected["RecordVersionNumber"]) == ("1060.80", 1)
    statuses, page = Counter(), f"/api/SavingGoal/{goal}/Contributions?limit=100"
    while page:
        listed = crowded_shop.read(page)
        statuses.update((one["Status"], one["RecordVersionNumber"]) for one in listed["Contribution"])
        page = listed.get("Next")
    assert statuses == {("Settled", 2): 320}
    service.processes["worker"].terminate()
    assert service.processes.pop("worker").wait(60) == 0
    assert what_is_wrong_with_the_books(service) == []
