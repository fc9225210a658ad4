"""Goals in XML, and what is said against them."""

from tests.conftest import Answer, PartnerClient, goal_xml
from tests.xml_schemas.answers import sentences_of


def post_goal(client: PartnerClient, **changes: str) -> Answer:
    """POST a goal with these elements changed, as tests.conftest.goal_xml."""
    return client.post("/api/savings", goal_xml(**changes))


def refusal_of(client: PartnerClient, **changes: str) -> list[str]:
    """The sentences of the 400 for such a goal."""
    return sentences_of(post_goal(client, **changes))
