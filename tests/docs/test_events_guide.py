"""docs/guide/events.md, followed to the letter; and every type of event is in it and in the partners' guide."""

import re
from textwrap import dedent

import pytest

from notifications.messages import body_for
from notifications.models import Event
from pledges.event_types import EVENT_TYPES
from tests.docs.comparison import Memory, compare_body
from tests.docs.examples import ROOT, steps_of
from tests.docs.pages_and_code import PARTNERS
from tests.docs.running import HOST, Reader

GUIDE = ROOT / "docs" / "guide" / "events.md"


@pytest.mark.django_db
def test_every_example_of_the_events_guide_is_what_happens(settings):
    settings.PUBLIC_BASE_URL = f"https://{HOST}"
    settings.ALLOWED_HOSTS = [HOST]
    Reader().follow(steps_of(GUIDE))


@pytest.mark.no_database
def test_every_type_of_event_is_documented():
    text = PARTNERS
    assert [one for one in EVENT_TYPES if f"`{one}`" not in text] == []


@pytest.mark.django_db
def test_the_xml_of_a_webhook_is_as_it_is_shown(shop, giver):
    page = (ROOT / "docs" / "guide" / "webhooks.md").read_text()
    (block,) = re.findall(r"^    <\?xml .*?^    </Event>$", page, re.DOTALL | re.MULTILINE)
    giver.pay(shop.new_contribution(shop.new_goal(), Amount="20.00").value("ProviderURL"))
    shown = dedent(block).partition("?>")[2].strip()
    compare_body(shown, body_for(Event.objects.latest("pk"), "XML"), "application/xml", Memory())
