"""What can be made under an Idempotency-Key: a goal or a gift, in XML or JSON."""

import json

from contributions.models import Contribution
from goals.models import SavingGoal
from tests.api.in_json import GIFT, GOAL
from tests.conftest import contribution_xml, goal_xml

GOAL_JSON = GOAL | {"Name": "A bicycle for Ännä"}
GIFT_JSON = GIFT | {"Contributor": "Onkel Ünal", "Message": "Ride <well>!"}


class Kind:
    """One of the two things that can be made, in one of the two formats."""

    def __init__(self, what, media):
        self.what, self.media = what, media
        self.model = {"goal": SavingGoal, "gift": Contribution}[what]
        self.body = {
            ("goal", "xml"): goal_xml(),
            ("gift", "xml"): contribution_xml(),
            ("goal", "json"): json.dumps(GOAL_JSON, ensure_ascii=False),
            ("gift", "json"): json.dumps(GIFT_JSON, ensure_ascii=False),
        }[what, media.rsplit("/")[1]]
        self.other_body = self.body.replace("Anna", "Berta").replace("Ännä", "Berta").replace("20.00", "20.01")

    def path(self, goal):
        return "/api/savings" if self.what == "goal" else f"/api/SavingGoal/{goal}/Contributions"

    def post(self, client, goal, key, body=None, **headers):
        body = self.body if body is None else body
        headers = {"Accept": self.media, "Idempotency_Key": key} | headers
        return client.post(self.path(goal), body, media=self.media, **headers)

    def made(self):
        """How many there are, apart from the goal that gifts are made for."""
        return self.model.objects.count() - (1 if self.what == "goal" else 0)
