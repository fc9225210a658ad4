"""Bodies in JSON, and clients that send them."""

import json

GOAL = {
    "ExternalItemId": "bike-7",
    "Name": "A bicycle for Anna",
    "GoalAmount": "250.00",
    "PaymentProviders": {"PaymentProvider": [{"ProviderName": "PayPal", "Credentials": "anna@example.org"}]},
}
GIFT = {"Amount": "20.00", "Contributor": "Uncle Bob", "Message": "Ride well!"}


def post(client, path, body, **headers):
    """`body`: a dictionary, or JSON as it stands."""
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(path, text, media="application/json", Accept="application/json", **headers)


def post_goal(client, **changes):
    return post(client, "/api/savings", GOAL | changes)
