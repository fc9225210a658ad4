"""A giver's language, as each provider's pages speak it; the lists are the providers' own."""

import re
from urllib.parse import urlencode

import pytest
from stripe.params.checkout import SessionCreateParams

from providers.amazon.locales import LANGUAGES, checkout_language
from providers.amazon.regions import REGIONS
from providers.google.locales import button_locale
from providers.paypal import locales as paypal
from providers.paypal.requests import order_for
from providers.stripe import locales as stripe
from providers.stripe.adapter import _session_form
from tests.providers.payment_request import a_request
from tests.providers.paypal import schemas
from tests.providers.stripe import params

pytestmark = pytest.mark.no_database


@pytest.mark.parametrize(
    ("tag", "at_stripe", "at_paypal", "at_amazon_eu", "at_google"),
    [
        ("de", "de", "de-DE", "de_DE", "de"),
        ("de-AT", "de", "de-AT", "de_DE", "de"),
        ("DE-li", "de", "de-DE", "de_DE", "de"),
        ("en-GB", "en-GB", "en-GB", "en_GB", "en"),
        ("en-US", "en", "en-US", "en_GB", "en"),
        ("es-MX", "es-419", "es-MX", "es_ES", "es"),
        ("pt", "pt", "pt-BR", "", "pt"),
        ("pt-PT", "pt", "pt-PT", "", "pt"),
        ("nb-NO", "nb", "no-NO", "", "no"),
        ("zh-Hant-TW", "zh-TW", "zh-TW", "", "zh"),
        ("zh-Hant-HK", "zh-HK", "zh-HK", "", "zh"),
        ("zh-Hans-CN", "zh", "zh-CN", "", "zh"),
        ("de-CH-x-phonebk", "de", "de-CH", "de_DE", "de"),
        ("fil", "fil", "tl-PH", "", ""),
        ("cy", "", "", "", ""),
        ("tlh-Latn", "", "", "", ""),
        ("x-private", "", "", "", ""),
    ],
)
def test_each_provider_is_told_its_own_word(tag, at_stripe, at_paypal, at_amazon_eu, at_google):
    assert stripe.locale(tag) == at_stripe
    assert paypal.locale(tag) == at_paypal
    assert checkout_language(tag, REGIONS["EU"]) == at_amazon_eu
    assert button_locale(tag) == at_google


def test_where_no_language_is_named_all_is_as_it_was():
    assert (stripe.locale(""), button_locale(""), paypal.locale("")) == ("", "", "en-US")
    assert {name: checkout_language("", region) for name, region in REGIONS.items()} == {
        "NA": "en_US", "EU": "en_GB", "UK": "en_GB", "JP": "ja_JP",
    }  # fmt: skip


def test_amazon_speaks_what_its_region_speaks():
    assert (checkout_language("de", REGIONS["NA"]), checkout_language("en", REGIONS["JP"])) == ("", "")
    assert {region.code for region in REGIONS.values()} == {*LANGUAGES}
    assert all(region.language in LANGUAGES[region.code].values() for region in REGIONS.values())


def test_stripes_languages_are_those_of_its_own_client():
    told = str(params._members_of(SessionCreateParams)["locale"])
    assert {*re.findall(r"'([A-Za-z0-9-]+)'", told)} - {"auto"} == {*stripe.LOCALES}


@pytest.mark.parametrize("tag", ["de", "es-MX", "cy", ""])
def test_a_session_in_any_language_is_one_of_stripes(tag):
    form = _session_form(a_request("Stripe", "acct_1", language=tag, description="é" * 127), "id", own=False)
    assert params.faults("create", params.tree_of(urlencode(form))) == []
    assert dict(form).get("locale", "") == stripe.locale(tag)


def test_an_order_in_any_language_is_one_of_paypals():
    """By PayPal's own OpenAPI file, where it is at hand."""
    for tag in [*paypal.COUNTRIES, "de-AT", "zh-Hant", "cy", ""]:
        body = order_for(a_request("PayPal", "payee@example.org", language=tag, description="🚲" * 127))
        assert schemas.request_faults("create", {"paypal-request-id": "one"}, {}, body) == []
        context = body["payment_source"]["paypal"]["experience_context"]
        assert context.get("locale", "") == paypal.locale(tag)
        assert re.fullmatch(r"|[a-z]{2}-[A-Z]{2}", paypal.locale(tag))
