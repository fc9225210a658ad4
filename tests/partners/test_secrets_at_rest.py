"""What somebody with a copy of the database cannot read, and what happens when keys to it are changed."""

import base64
import itertools

import pytest
from django.db import connection

import encryption
from contributions import payment_requests
from contributions.models import Contribution
from goals.models import PaymentAccount
from notifications import endpoints
from partners import keys
from providers import registry
from tests.conftest import PartnerClient, contribution_xml, goal_xml, register

pytestmark = pytest.mark.django_db

FIRST, SECOND = "canary-payee-7731@example.org", "canary-payee-7732@example.org"


def provider(credentials):
    return f"<PaymentProvider><ProviderName>PayPal</ProviderName><Credentials>{credentials}</Credentials></PaymentProvider>"


def everything_stored():
    """All values of all columns of all tables, as text."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - the database's own names
            for value in itertools.chain.from_iterable(cursor.fetchall()):
                yield bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)


def test_no_secret_is_stored_in_clear(giver):
    new = register("Canary Shop", redirect_hosts=["shop.example"])
    endpoint, first_secret = endpoints.create(new.partner, "https://198.41.0.4/hooks")
    second_secret = endpoints.rotate(endpoint)
    second_key = keys.issue(new.partner)
    shop = PartnerClient(new.api_key)
    path = shop.post("/api/savings", goal_xml(PaymentProviders=provider(FIRST)), Idempotency_Key="k-1").headers["Location"]
    gift = shop.post(f"{path}/Contributions?ApiKey={second_key}", contribution_xml(), Idempotency_Key="k-2")
    giver.pay(gift.value("ProviderURL"))
    replaced = goal_xml(PaymentProviders=provider(SECOND), RecordVersionNumber="1")
    assert shop.put(path, replaced).status == 200
    giver.pay(shop.post(f"{path}/Contributions", contribution_xml()).value("ProviderURL"))
    assert shop.get(path).value("CurrentAmount") == "40.00"

    stored = list(everything_stored())
    assert "Canary Shop" in stored  # it is the right database, and all of it
    assert len(stored) > 200
    secrets = [new.api_key, second_key, first_secret, second_secret, FIRST, SECOND]
    for secret in secrets:
        bare = secret.removeprefix("wr_").removeprefix("whsec_")
        written_otherwise = (
            bare, bare[14:], bare.lower(), bare[::-1], bare.encode().hex(),
            base64.b64encode(bare.encode()).decode().rstrip("="),
        )  # fmt: skip
        for form in written_otherwise:
            assert [value for value in stored if form in value] == []


def test_credentials_stay_readable_while_keys_are_rotated(settings, shop, giver):
    settings.CREDENTIALS_KEYS = ["old key"]
    goal = shop.new_goal(PaymentProviders=provider(FIRST))
    settings.CREDENTIALS_KEYS = ["new key", "old key"]
    giver.pay(shop.new_contribution(goal).value("ProviderURL"))
    other = shop.new_goal(PaymentProviders=provider(SECOND))
    settings.CREDENTIALS_KEYS = ["new key"]
    assert PaymentAccount.objects.get(goal__public_id=other).credentials == SECOND  # the newest is what encrypts
    giver.pay(shop.new_contribution(other).value("ProviderURL"))
    assert [shop.get(f"/api/SavingGoal/{one}").value("CurrentAmount") for one in (goal, other)] == ["20.00", "20.00"]


def test_without_their_key_only_credentials_stop_working(settings, shop, caplog):
    settings.CREDENTIALS_KEYS = ["old key"]
    goal = shop.new_goal(PaymentProviders=provider(FIRST))
    path = f"/api/SavingGoal/{goal}"
    settings.CREDENTIALS_KEYS = ["new key"]
    with pytest.raises(encryption.UnreadableSecret, match="no key in CREDENTIALS_KEYS can read a stored secret"):
        PaymentAccount.objects.get().credentials  # noqa: B018 - reading it is the point
    told = shop.post(f"{path}/Contributions", contribution_xml())
    assert (told.status, told.value("code")) == (500, "internal_error")
    assert "CREDENTIALS_KEYS" not in told.text
    errors = [record.exc_info[1] for record in caplog.records if record.exc_info]
    assert [str(error) for error in errors] == ["no key in CREDENTIALS_KEYS can read a stored secret"]

    # What needs no credentials goes on, a deletion and an edit included ...
    assert shop.get(path).status == 200
    without = goal_xml(PaymentProviders=provider(""), RecordVersionNumber="1").replace("<Credentials></Credentials>", "")
    assert shop.put(path, without).status == 200
    # ... and new credentials put things right.
    assert shop.put(path, goal_xml(PaymentProviders=provider(SECOND), RecordVersionNumber="2")).status == 200
    assert shop.post(f"{path}/Contributions", contribution_xml()).status == 201
    assert PaymentAccount.objects.get(retired_at=None).credentials == SECOND


def test_a_goal_is_given_a_payment_account_nobody_can_read(settings, shop):
    """It is about whom the goal is paid, and no credentials are needed to write that down."""
    settings.CREDENTIALS_KEYS = ["old key"]
    account = "<PaymentAccount><ProviderName>PayPal</ProviderName><Credentials>anna@example.org</Credentials></PaymentAccount>"
    payee = shop.post("/api/PaymentAccounts", account).value("Id")
    settings.CREDENTIALS_KEYS = ["new key"]
    goal = goal_xml(PaymentProviders=provider("")).replace(
        "<Credentials></Credentials>", f"<PaymentAccountId>{payee}</PaymentAccountId>"
    )
    assert shop.post("/api/savings", goal).status == 201


def test_a_printed_request_or_payment_shows_no_credentials(shop):
    """Both travel through the adapters, and an error there may print what it holds."""
    goal = shop.new_goal(PaymentProviders=provider(FIRST))
    shop.new_contribution(goal)
    gift = Contribution.objects.whole().get()
    order = payment_requests.payment_request_for(gift, gift.current_checkout)
    payment = registry.adapter("sandbox").find(order)
    assert (order.payee, payment.payee) == (FIRST, FIRST)
    assert FIRST not in f"{order!r} {order} {payment!r} {payment}"
