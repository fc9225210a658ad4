def test_a_gift_goes_through(shop, giver):
    goal = shop.new_goal()
    gift = shop.new_contribution(goal)
    bounced = giver.pay(gift.value("ProviderURL"))
    assert (bounced.status, bounced.headers["Location"]) == (303, f"http://give.example.test/thank-you?Id={gift.value('Id')}")
    assert shop.get(f"/api/Contribution/{gift.value('Id')}").value("Status") == "Settled"
    assert shop.get(f"/api/SavingGoal/{goal}").value("CurrentAmount") == "20.00"
