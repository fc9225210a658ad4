"""An account belongs to a region and is kept in one currency: what it does not charge is refused on the way in."""

import json

import pytest

from providers.amazon.regions import REGIONS
from providers.base import AmountRefused, PaymentRequest
from tests.conftest import goal_xml
from tests.providers.amazon.fake import FakeAmazon
from tests.providers.amazon.gift import ACCOUNT, AmazonGift
from tests.providers.amazon.service import adapter_for
from tests.providers.payment_request import a_request

TAKEN = [
    ({"region": "NA"}, ["USD"]),
    ({"region": "EU"}, ["EUR"]),
    ({"region": "EU", "ledger_currency": "GBP"}, ["GBP"]),
    ({"region": "EU", "currencies": ("GBP", "CHF", "EUR")}, ["EUR", "GBP", "CHF"]),
    ({"region": "UK"}, ["GBP"]),
    ({"region": "UK", "currencies": ("USD",)}, ["GBP", "USD"]),
    ({"region": "JP"}, ["JPY"]),
]


def gift_in(currency: str) -> PaymentRequest:
    return a_request("Amazon", FakeAmazon.merchant_id, currency=currency)


@pytest.mark.no_database
@pytest.mark.parametrize(("account", "taken"), TAKEN)
def test_an_account_charges_its_ledgers_currency(account, taken, amazon):
    """And more only where the operator has agreed that with Amazon."""
    adapter = adapter_for(amazon, **account)
    for currency in ("USD", "EUR", "GBP", "JPY", "CHF", "PLN"):
        if currency in taken:
            adapter.check_currency(currency)
            adapter.check_amount(2000, currency)
        else:
            for refuse in (adapter.check_currency, lambda currency: adapter.check_amount(2000, currency)):
                with pytest.raises(AmountRefused, match=f"no {currency} here; it takes {taken[0]}"):
                    refuse(currency)


@pytest.mark.no_database
def test_the_button_names_the_ledger_and_the_gifts_currency(amazon):
    """A gift in francs to an account kept in euros: Amazon exchanges what it pays out."""
    page = adapter_for(amazon, region="EU", currencies=("CHF",)).pay_page(gift_in("CHF"))
    payload = json.loads(page.button["createCheckoutSessionConfig"]["payloadJSON"])
    assert page.button["ledgerCurrency"] == "EUR"
    assert payload["paymentDetails"]["presentmentCurrency"] == "CHF"
    assert payload["paymentDetails"]["chargeAmount"] == {"amount": "20.00", "currencyCode": "CHF"}


@pytest.mark.no_database
def test_the_united_kingdom_is_signed_for_as_europe(amazon):
    for region, code in (("NA", "na"), ("EU", "eu"), ("UK", "eu"), ("JP", "jp")):
        signer = adapter_for(amazon, region=region).accounts.all[0].client.signer
        assert signer.headers("GET", "https://pay-api.example/v2/x", b"")["x-amz-pay-region"] == code
    assert [REGIONS[name].api for name in ("EU", "UK")] == ["https://pay-api.amazon.eu"] * 2


SHOPS = {
    "NA": ["com"], "EU": ["com", "co.uk", "de", "fr", "it", "es"], "UK": ["com", "co.uk", "de", "fr", "it", "es"],
    "JP": ["com", "co.jp", "jp"],
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("region", "ends"), SHOPS.items())
def test_the_page_allows_what_the_regions_button_loads(region, ends, settings, service, amazon, shop, giver):
    """And nothing of another region: csp_whitelist.xml of Amazon's plugin for Magento has the hosts."""
    settings.AMAZON_PAY_REGION = region
    gift = AmazonGift(amazon, shop, giver, amount="20", GoalAmount="250", Currency=REGIONS[region].ledgers[0])
    policy = giver.visit(gift.provider_url).headers["Content-Security-Policy"]
    allowed = {name: set(hosts) for name, *hosts in (part.split() for part in policy.split(";"))}
    for end in ("com", "co.uk", "de", "fr", "it", "es", "co.jp", "jp"):
        for directive, names in {
            "script-src": ("payments-amazon",),
            "frame-src": ("amazon", "payments-amazon"),
            "connect-src": ("amazon", "amazonpay"),
            "img-src": ("media-amazon", "ssl-images-amazon", "payments-amazon"),
        }.items():
            for name in names:
                assert (f"https://*.{name}.{end}" in allowed[directive]) is (end in ends), (directive, name, end)
    assert amazon.base_url in allowed["script-src"]
    assert "'unsafe-inline'" not in allowed["script-src"]


@pytest.mark.django_db
def test_a_goal_in_pounds_is_refused_by_an_account_in_euros(settings, service, amazon, shop):
    """As it is made; with the ledger in pounds, or multi-currency, it is taken."""
    settings.AMAZON_PAY_REGION = "EU"
    in_pounds = goal_xml(Currency="GBP", PaymentProviders=ACCOUNT)
    refused = shop.post("/api/savings", in_pounds)
    assert (refused.status, "Amazon takes no GBP here; it takes EUR." in refused.text) == (400, True)
    for ledger, besides in (("GBP", []), ("", ["GBP"])):
        settings.AMAZON_PAY_LEDGER_CURRENCY, settings.AMAZON_PAY_CURRENCIES = ledger, besides
        assert shop.post("/api/savings", in_pounds).status == 201
