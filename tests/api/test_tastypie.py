"""The places that tastypie has for things are where they really happen."""

import hashlib

import pytest
from tastypie.throttle import BaseThrottle

from api.resources.goals import GoalResource
from api.serializer import Document, StrictSerializer
from web.problems import UnsupportedMedia
from xml_schemas.reader import BodyFaults

RECORD = {"Name": "A & B", "Contribution": [{"Amount": "1.00"}], "Next": "http://x"}


@pytest.mark.django_db
def test_a_throttle_in_meta_stops_a_partner_and_nobody_else(shop, rival, monkeypatch):
    """It is told of each request by the key."""
    asked, told = [], []
    of_the_shop = hashlib.sha256(shop.key.encode()).hexdigest()[:24]

    class Full(BaseThrottle):
        def should_be_throttled(self, identifier, **_):
            asked.append(identifier)
            return 7 if identifier == of_the_shop else False

        def accessed(self, identifier, **_):
            told.append(identifier)

    monkeypatch.setattr(GoalResource._meta, "throttle", Full())
    refused = shop.get("/api/savings")
    assert (refused.status, refused.headers["Retry-After"]) == (429, "7")
    assert rival.get("/api/savings").status == 200
    assert (len(asked), told) == (2, asked[1:])


def test_the_serializer_writes_in_order_and_reads_from_bytes():
    serializer = StrictSerializer("SavingGoal")
    in_xml = serializer.serialize(Document("Goal", RECORD), "application/xml")
    assert in_xml.endswith(
        b'<Goal Next="http://x"><Name>A &amp; B</Name><Contribution><Amount>1.00</Amount></Contribution></Goal>'
    )
    in_json = serializer.serialize(Document("Goal", RECORD), "application/json")
    assert in_json == b'{"Name": "A & B", "Contribution": [{"Amount": "1.00"}], "Next": "http://x"}'
    latin = "<SavingGoal><Name>é</Name></SavingGoal>".encode("latin-1")
    assert serializer.deserialize(latin, "application/xml; charset=iso-8859-1").children[0].text == "é"
    assert serializer.deserialize(b'{"Name": "A"}', "application/json").name == "SavingGoal"
    for body, media, error in ((b"{}", "text/yaml", UnsupportedMedia), (b"<a", "application/xml", BodyFaults)):
        with pytest.raises(error):
            serializer.deserialize(body, media)
