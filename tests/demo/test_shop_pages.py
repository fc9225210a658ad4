"""The shop's pages, each answer looked at for itself."""

import os
import re
import socket
import subprocess
import sys
from html import escape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from whipround import Client as WhiproundClient
from whipround import Problem

from contributions.models import Contribution
from demo import shop
from demo.forms import ChipInForm
from demo.models import DemoShop
from partners import keys
from providers import registry
from providers.base import ProviderNotOffered
from tests.conftest import Answer, Giver, PartnerClient, register
from tests.demo.conftest import SomethingElse, serving
from tests.demo.visitors import Page
from tests.eventually import SECONDS

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(autouse=True)
def _givers_come_by_the_tests_name(giver: Giver) -> None:
    giver.client.defaults["SERVER_NAME"] = "testserver"


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers in this test, and nobody waits for long."""
    monkeypatch.setattr(shop, "PATIENCE_SECONDS", 0.3)


def look(path: str) -> Answer:
    response = Client().get(path)
    return Answer(response.status_code, response.headers, response.content)


def chip_in(**fields: str) -> Answer:
    response = Client().post("/demo/chip-in", {"name": "Uncle Bob", "message": "", "amount": "20.00"} | fields)
    return Answer(response.status_code, response.headers, response.content)


def fresh_key() -> str:
    return Page(look("/demo/").text).fields["idempotency_key"]


# --- The shop


def test_the_progress_bar_says_how_far_the_goal_is(site: str, giver: Giver) -> None:
    giver.pay(chip_in(amount="62.50").headers["Location"])
    page = look("/demo/")
    assert '<progress max="250.00" value="62.50"' in page.text
    assert "25 % of the goal is reached." in page.text
    giver.pay(chip_in(amount="999", name="<script>alert(1)</script>").headers["Location"])
    page = look("/demo/")
    assert "1061.50 of 250.00 USD" in Page(page.text).text
    assert "100 % of the goal is reached." in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'sha256-")


def test_the_wall_has_what_is_settled_or_pending_newest_first(site: str, giver: Giver) -> None:
    for name, outcome in (("Zoe", "approve"), ("Ben", "pending"), ("Cem", "decline"), ("Eve", "approve")):
        giver.pay(chip_in(name=name).headers["Location"], outcome)
    chip_in(name="Flo")
    wall = Page(look("/demo/").text).text
    assert re.findall("Zoe|Ben being confirmed|Ben|Cem|Eve|Flo", wall) == ["Eve", "Ben being confirmed", "Zoe"]


def test_the_key_stands_in_no_page(site: str) -> None:
    pages = [look("/demo/"), chip_in(amount="x"), look("/demo/thanks?Id=none")]
    key = DemoShop.objects.get().api_key
    assert all(key not in page.text + str(page.headers) for page in pages)


def test_the_shop_is_there_for_the_sandbox_only() -> None:
    program = "import django; django.setup(); from django.urls import resolve; resolve('/demo/')"
    for switch, found in (("1", True), ("0", False)):
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "SANDBOX": switch}
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS)
        assert (done.returncode == 0) is found
        assert ("Resolver404" in done.stderr) is not found


# --- The form


def test_a_form_sent_twice_makes_one_gift(site: str) -> None:
    key = fresh_key()
    first, second = chip_in(idempotency_key=key), chip_in(idempotency_key=key)
    assert (first.status, second.status) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert Contribution.objects.count() == 1
    other = fresh_key()
    assert other != key
    assert Page(chip_in(idempotency_key=other, amount="0").text).fields["idempotency_key"] == other, "it is not used up"
    assert chip_in(idempotency_key=other).status == 303
    assert Contribution.objects.count() == 2
    back = look("/demo/chip-in")
    assert (back.status, back.headers["Location"]) == (303, "./")


def test_a_changed_form_sent_again_is_asked_about_first(site: str) -> None:
    key = fresh_key()
    chip_in(idempotency_key=key)
    asked = chip_in(idempotency_key=key, amount="30.00")
    page = Page(asked.text)
    assert asked.status == 422
    assert "You have sent this form before" in page.text
    assert (page.fields["amount"], page.fields["idempotency_key"] != key) == ("30.00", True)
    assert chip_in(**page.fields).status == 303
    assert sorted(Contribution.objects.values_list("amount_minor", flat=True)) == [2000, 3000]


def test_a_key_that_no_form_of_ours_had_is_replaced(site: str) -> None:
    for key in ("", "short", "a" * 65, "with blanks in between", "line\r\nX-Injected: 1", "schlüssel-schlüssel"):
        assert (key, chip_in(idempotency_key=key).status) == (key, 303)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"amount": "ten"}, "The amount must be a plain decimal such as 100.00: digits and at most one point."),
        ({"amount": "0"}, "The amount must be more than 0."),
        ({"amount": "1.234"}, "The amount must have at most 2 digits after the point in USD."),
        ({"amount": ""}, "The amount must be a plain decimal such as 100.00: digits and at most one point."),
        ({"message": "First line\nsecond line" + "x" * 2001}, "Your message must have 0 to 2000 characters; it has 2023."),
        ({"name": "   "}, "Your name must have 1 to 255 characters; it has 0."),
        ({"name": "x" * 256}, "Your name must have 1 to 255 characters; it has 256."),
    ],
)
def test_what_is_wrong_stands_next_to_its_field_in_words(site: str, fields: dict[str, str], words: str) -> None:
    page = chip_in(**fields)
    (name,) = fields
    assert page.status == 400
    assert f'id="{name}-fault" role="alert">{words}' in page.text
    assert Page(page.text).fields[name] == fields[name].strip()
    assert page.text.count('role="alert"') == 1
    assert chip_in(name="", amount="-1", message="x" * 2001).text.count('role="alert"') == 3


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (Problem(409, "goal_has_ended", "The goal's EndDate has passed."), 409),
        (Problem(502, "checkout_refused", "PayPal refused."), 502),
        (Problem(503, "busy", "The service is busy."), 502),
    ],
)
def test_a_fault_that_is_no_fields_stands_above_the_form(site: str, monkeypatch: Any, problem: Problem, status: int) -> None:
    def refused(*args: Any, **kwargs: Any) -> None:
        raise problem

    monkeypatch.setattr(WhiproundClient, "create_contribution", refused)
    page = chip_in()
    assert page.status == status
    assert f'<p class="fault" role="alert">{escape(problem.detail)}</p>' in page.text
    assert Page(page.text).fields["name"] == "Uncle Bob"


def test_what_xml_cannot_carry_is_left_out(site: str) -> None:
    assert chip_in(name="Uncle\x00 \x1bBob\ufffe", message="\x0b").status == 303
    gift = Contribution.objects.get()
    assert (gift.contributor, gift.message) == ("Uncle Bob", None)
    assert [Client().post(path).status_code for path in ("/demo/", "/demo/thanks")] == [405, 405]


# --- How a gift stands


@pytest.mark.parametrize(
    ("outcome", "page", "words", "looks_again"),
    [
        ("approve", "thanks", "has arrived", False),
        ("pending", "thanks", "PayPal is still confirming your gift", True),
        ("cancel", "cancelled", "You cancelled", False),
        ("decline", "cancelled", "PayPal declined the payment.", False),
    ],
)
def test_the_giver_comes_back_to_how_it_stands(
    site: str, giver: Giver, outcome: str, page: str, words: str, looks_again: bool
) -> None:
    bounced = giver.pay(chip_in().headers["Location"], outcome)
    assert bounced.headers["Location"].startswith(f"{site}/demo/{page}?Id=")
    told = look(bounced.headers["Location"].removeprefix(site)).text
    assert words in told
    assert Page(told).looks_again is looks_again


def test_a_gift_that_is_not_paid_yet_shows_the_way_to_pay(site: str) -> None:
    provider_url = chip_in().headers["Location"]
    page = look(f"/demo/cancelled?Id={Contribution.objects.get().public_id}")
    assert "Not paid yet" in page.text
    assert f'href="{provider_url}"' in page.text
    assert Page(page.text).looks_again


def test_a_gift_that_there_is_not_is_a_friendly_404(site: str) -> None:
    for page in ("thanks", "cancelled"):
        for query in ("", "?Id=", "?Id=nonsense", "?Id=..", "?Id=../savings", "?Id=" + "2" * 22, "?Id=%00", "?Id=%C3%A9"):
            answer = look(f"/demo/{page}{query}")
            assert (query, answer.status) == (query, 404)
            assert "There is no such gift" in answer.text
            assert 'href="./"' in answer.text


def test_another_partners_gift_is_none_of_the_shops(site: str) -> None:
    rival = PartnerClient(register("Rival").api_key)
    rival.client.defaults["SERVER_NAME"] = "testserver"
    gift = rival.new_contribution(rival.new_goal()).value("Id")
    assert look(f"/demo/thanks?Id={gift}").status == 404


# --- When the service does not answer


@pytest.mark.usefixtures("impatient")
def test_nobody_at_the_address_is_said_with_what_to_set(site: str, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        settings.PUBLIC_BASE_URL = f"http://127.0.0.1:{closed.getsockname()[1]}"
    page = look("/demo/")
    assert page.status == 502
    assert "The shop is closed for a moment" in page.text
    assert f"<code>{settings.PUBLIC_BASE_URL}</code>" in page.text
    assert "Set <code>PUBLIC_BASE_URL</code>" in page.text
    assert "<code>http://testserver</code>" in page.text


@pytest.mark.usefixtures("impatient")
def test_silence_and_a_stranger_are_told_from_the_service(site: str, settings: Any) -> None:
    with serving(SomethingElse) as settings.PUBLIC_BASE_URL:
        page = look("/demo/")
    assert (page.status, "is not the JSON that was asked for" in page.text) == (502, True)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.PUBLIC_BASE_URL = f"http://127.0.0.1:{silent.getsockname()[1]}"
        page = look("/demo/")
    assert (page.status, "ReadTimeout" in page.text) == (502, True)


def test_another_service_at_the_address_is_named_as_such(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    look("/demo/")

    def unknown(*args: object) -> None:
        raise Problem(401, "no_valid_key", "Send a valid API key.")

    monkeypatch.setattr(WhiproundClient, "get_goal", unknown)
    page = look("/demo/")
    assert (page.status, "it does not know the shop's key" in page.text) == (502, True)
    assert keys.partner_of(DemoShop.objects.get().api_key) is not None


def test_a_provider_that_is_not_offered_is_told(site: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_offered(name: str, *, is_test: bool) -> None:
        raise ProviderNotOffered(f"{name} is not offered here: the service has no {name} keys.")

    monkeypatch.setattr(registry, "adapter_offered", not_offered)
    page = look("/demo/")
    assert page.status == 502
    assert "refused what the shop asked it for" in page.text
    assert "ProviderName cannot be PayPal: PayPal is not offered" in page.text


def test_whose_form_met_silence_is_told_nothing_was_paid(site: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    look("/demo/")
    monkeypatch.setattr(shop, "PATIENCE_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        settings.PUBLIC_BASE_URL = f"http://127.0.0.1:{closed.getsockname()[1]}"
    assert "Nothing was paid." in chip_in().text
    assert "Nothing was paid." not in look("/demo/thanks?Id=abc").text
    assert 'href="thanks?Id=abc"' in look("/demo/thanks?Id=abc").text


def test_every_field_of_the_form_is_one_that_the_shop_reads(site: str) -> None:
    assert set(Page(look("/demo/").text).fields) == {"idempotency_key", *(name for name, _ in ChipInForm.FIELDS.values())}
