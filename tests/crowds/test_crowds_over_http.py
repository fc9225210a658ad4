"""A crowd comes over HTTP to the real server and its two processes, and each gives to the same goal: the sum is exact."""

from collections import Counter
from functools import partial

from tests.crowds.conftest import crashes_logged, what_is_wrong_with_the_books
from tests.crowds.visitors import all_at_once

THREADS, GIFTS = 64, 20


def test_1280_gifts_of_64_givers_add_up_to_the_cent(service, crowded_shop):
    """64 givers with 20 gifts each to one goal are all answered and add up to the cent."""
    goal = crowded_shop.new_goal()
    service.start_worker()

    def give_20_times(number):
        shop, statuses = crowded_shop.another(), Counter()
        for gift in range(GIFTS):
            made = shop.give(goal, f"{gift + 1}.{number:02}")
            chosen = shop.choose(shop.checkout(made.json()["ProviderURL"]), "approve")
            back = shop.ask("GET", chosen.headers["Location"])
            bounced = back.headers["Location"] == f"https://shop.example/thanks?Id={made.json()['Id']}"
            statuses.update([made.status_code, chosen.status_code, back.status_code, "thanked" if bounced else back.text])
        return statuses

    told = sum(all_at_once([partial(give_20_times, number) for number in range(THREADS)]), Counter())
    assert told == {201: 1280, 303: 2560, "thanked": 1280}
    # 20 gifts of 1.xx to 20.xx from each: 64 x 210.00, and 20 x (0.00 + 0.01 + ... + 0.63).
    collected = crowded_shop.read(f"/api/SavingGoal/{goal}")
    assert (collected["CurrentAmount"], collected["RecordVersionNumber"]) == ("13843.20", 1)
    statuses, page = Counter(), f"/api/SavingGoal/{goal}/Contributions?limit=100"
    while page:
        listed = crowded_shop.read(page)
        statuses.update((one["Status"], one["RecordVersionNumber"]) for one in listed["Contribution"])
        page = listed.get("Next")
    assert statuses == {("Settled", 2): 1280}
    service.processes["worker"].terminate()
    assert service.processes.pop("worker").wait(60) == 0
    assert what_is_wrong_with_the_books(service) == []
    assert crashes_logged(service.log) == []
