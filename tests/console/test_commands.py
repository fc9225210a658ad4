"""What an operator types: partners, keys, and their end."""

import base64
import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from notifications.models import WebhookEndpoint
from partners.models import ApiKey, Partner, RedirectHost
from tests.conftest import PartnerClient, goal_xml

pytestmark = pytest.mark.django_db

KEY = re.compile(r"wr_(?:live|test)_[A-Za-z0-9]{43}")


def run(*arguments):
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def key_of(name="Shop"):
    """The live key of a new partner."""
    return json.loads(run("create_partner", name, "--json"))["api_key"]


@pytest.fixture(autouse=True)
def _paypal_can_be_paid_live(settings):
    settings.PROVIDERS_WITH_KEYS = {"PayPal"}


def works(key):
    status = PartnerClient(key).get("/api/savings").status
    assert status in {200, 401}
    return status == 200


def test_keys_are_printed_once_in_text():
    told = run("create_partner", "Anna's Shop"), run("create_api_key", "Anna's Shop")
    assert "Partner:        Anna's Shop\n" in told[0]
    assert "Partner: Anna's Shop\n" in told[1]
    assert "webhook" not in told[0].lower()
    ((live, test), (second,)) = map(KEY.findall, told)
    assert [key[:8] for key in (live, test, second)] == ["wr_live_", "wr_test_", "wr_live_"]
    assert f"\nAPI key:        {live}\nTest API key:   {test}\n" in told[0]
    assert all(map(works, (live, test, second)))


def test_create_partner_as_json():
    told = json.loads(run("create_partner", "Änna's Shop", "--json"))
    assert list(told) == ["name", "api_key", "test_api_key", "webhook_secret"]
    assert (told["name"], told["webhook_secret"]) == ("Änna's Shop", None)
    assert works(told["api_key"])
    assert works(told["test_api_key"])


def test_create_partner_with_a_webhook_prints_its_secret():
    url = "https://shop.example:8443/hooks?a=1"
    in_json = json.loads(run("create_partner", "Shop", "--webhook-url", url, "--json"))["webhook_secret"]
    in_text = re.search(r"Webhook secret: (whsec_\S+)", run("create_partner", "Other", "--webhook-url", url))[1]
    assert in_json != in_text
    for name, secret in (("Shop", in_json), ("Other", in_text)):
        prefix, _, encoded = secret.partition("_")
        assert prefix == "whsec"
        assert 24 <= len(base64.b64decode(encoded, validate=True)) <= 64
        for is_test in (False, True):
            endpoint = WebhookEndpoint.objects.get(partner__name=name, partner__is_test=is_test)
            assert (endpoint.url, endpoint.live_secrets(endpoint.created_at)) == (url, [secret])


def test_redirect_hosts_limit_where_givers_are_sent():
    hosts = ["shop.example", "Other.EXAMPLE:8443", "[2001:db8::1]"]
    told = json.loads(run("create_partner", "Shop", *[part for host in hosts for part in ("--redirect-host", host)], "--json"))
    for is_test in (False, True):
        stored = RedirectHost.objects.filter(partner__is_test=is_test).values_list("host", flat=True)
        assert sorted(stored) == ["[2001:db8::1]", "other.example:8443", "shop.example"]
    shop = PartnerClient(told["test_api_key"])
    for url, status in (("https://other.example:8443/", 201), ("https://[2001:db8::1]/", 201), ("https://evil.example/", 400)):
        assert shop.post("/api/savings", goal_xml(ConfirmationURL=url)).status == status, url


def test_a_name_is_taken_once_and_nobody_has_no_key():
    run("create_partner", "Shop")
    with pytest.raises(CommandError, match="'Shop' already; create_api_key"):
        run("create_partner", "Shop")
    with pytest.raises(CommandError, match="there is no partner named 'Nobody'"):
        run("create_api_key", "Nobody")
    assert (Partner.objects.count(), ApiKey.objects.count()) == (2, 2)


@pytest.mark.parametrize("name", ["", "   ", "x" * 256, "a\x00b", "a\x1bb", "\udc80", "a\ufffe"])
def test_a_name_that_xml_cannot_carry_or_nobody_can_read(name):
    with pytest.raises(CommandError, match="1 to 255 characters"):
        run("create_partner", name)
    assert Partner.objects.count() == 0


BAD_HOSTS = (
    "https://shop.example", "shop.example/", "shop.example/x", "", " ", "a b", "shop..example", ".example", "example.",
    "-a.example", "*.example", "shop.example:", "shop.example:0", "shop.example:65536", "shop.example:99999",
    "shop.example:x", "u@shop.example", "[::1", "[:::]", "[1:2]", "::1", "a\nb", "a." * 127 + "example",
    "shop.example\\evil",
)  # fmt: skip


@pytest.mark.parametrize("host", BAD_HOSTS)
def test_a_host_that_is_none(host):
    with pytest.raises(CommandError, match="is not a host"):
        run("create_partner", "Shop", "--redirect-host", "good.example", f"--redirect-host={host}")
    assert (Partner.objects.count(), RedirectHost.objects.count(), ApiKey.objects.count()) == (0, 0, 0)


BAD_WEBHOOK_URLS = (
    "shop.example/hooks", "/hooks", "ftp://shop.example/", "javascript:alert(1)", "https://", "https:///hooks",
    "https://[::1/", "https://shop.example:x/", "https://shop.example:0/", "https://shop.example:70000/",
    "https://u:p@shop.example/", "https://u@shop.example/", "https://:p@shop.example/", "https://@shop.example/",
    "https://shop.example/a b", "https://shop.example/\n", "https://shop.example/\x7f",
    "https://shop.example\\@evil.example/", "https://shop.example/" + "a" * 2000,
)  # fmt: skip


@pytest.mark.parametrize("url", BAD_WEBHOOK_URLS)
def test_a_webhook_url_that_is_none(url):
    with pytest.raises(CommandError, match="webhook URL must be an absolute http or https address"):
        run("create_partner", "Shop", "--webhook-url", url)
    assert Partner.objects.count() == 0


XN_FORM = "write an international name in its xn-- form, here xn--mnchen-3ya.example"


@pytest.mark.parametrize("option", ["--redirect-host=münchen.example:8443", "--webhook-url=https://MÜNCHEN.example/x"])
def test_a_host_in_other_letters_is_told_its_ascii_form(option):
    with pytest.raises(CommandError, match=XN_FORM):
        run("create_partner", "Shop", option)
    assert (Partner.objects.count(), RedirectHost.objects.count()) == (0, 0)


def test_a_key_is_rotated_without_a_gap():
    old = key_of()
    goal = PartnerClient(old).new_goal()
    new = json.loads(run("create_api_key", "Shop", "--json"))
    assert (new["name"], new["expires"]) == ("Shop", None)
    for key in (old, new["api_key"]):
        assert PartnerClient(key).get(f"/api/SavingGoal/{goal}").status == 200
    assert run("revoke_api_key", old[:12]) == f"Revoked {old[:16]}… of Shop.\n"
    assert not works(old)
    assert PartnerClient(new["api_key"]).get(f"/api/SavingGoal/{goal}").status == 200


@pytest.mark.parametrize(
    ("expires", "stored"),
    [
        ("2099-12-31", datetime(2099, 12, 31, 23, 59, 59, 999999, UTC)),
        ("2099-12-31T12:00:00Z", datetime(2099, 12, 31, 12, tzinfo=UTC)),
        ("2099-12-31T12:00:00+02:00", datetime(2099, 12, 31, 10, tzinfo=UTC)),
        ("2099-12-31 12:00:00.5-01:30", datetime(2099, 12, 31, 13, 30, 0, 500000, UTC)),
        ("9999-12-31", datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)),
    ],
)
def test_a_key_may_expire_on_a_day_or_at_a_moment(expires, stored):
    run("create_partner", "Shop")
    told = json.loads(run("create_api_key", "Shop", "--expires", expires, "--json"))
    assert datetime.fromisoformat(told["expires"]) == stored
    assert ApiKey.objects.latest("pk").expires_at == stored
    assert works(told["api_key"])


def test_a_key_works_until_it_expires_and_no_longer(moved_clock):
    run("create_partner", "Shop")
    key = json.loads(run("create_api_key", "Shop", "--expires", "2031-03-01", "--json"))["api_key"]
    for moment, valid in (("01T23:59:59.999998", True), ("01T23:59:59.999999", False), ("02T00:00:00", False)):
        moved_clock(datetime.fromisoformat(f"2031-03-{moment}+00:00"))
        assert works(key) is valid


@pytest.mark.parametrize(
    "expires",
    [
        "yesterday", "2099-02-30", "2099-13-01", "2099-12-31T12:00:00", "2099-12-31T25:00:00Z", "31.12.2099", "20991231T",
        "1", " ", "9999-12-31T23:59:59-10:00",
    ],
)  # fmt: skip
def test_an_expiry_that_is_none(expires):
    run("create_partner", "Shop")
    with pytest.raises(CommandError, match="--expires must"):
        run("create_api_key", "Shop", "--expires", expires)
    assert ApiKey.objects.count() == 2


def test_an_expiry_in_the_past_is_refused():
    run("create_partner", "Shop")
    yesterday, a_moment_ago = (timezone.now() - timedelta(**one) for one in ({"days": 1}, {"seconds": 1}))
    for expires in (yesterday.date().isoformat(), a_moment_ago.isoformat(), "2001-01-01", "0001-01-01"):
        with pytest.raises(CommandError, match="--expires must lie in the future"):
            run("create_api_key", "Shop", "--expires", expires)
    assert ApiKey.objects.count() == 2


@pytest.mark.parametrize("length", [12, 13, 16, 20, 46])
def test_a_key_is_revoked_by_its_first_12_characters_or_more(length):
    key, other = map(key_of, ("Shop", "Other"))
    run("revoke_api_key", key[:length])
    assert (works(key), works(other)) == (False, True)


@pytest.mark.parametrize("length", [0, 1, 3, 11])
def test_a_shorter_prefix_is_refused(length):
    key = key_of()
    with pytest.raises(CommandError, match="at least the first 12 characters"):
        run("revoke_api_key", key[:length])
    assert works(key)


def test_a_prefix_of_two_live_keys_is_refused():
    partner = Partner.objects.create(name="Shop")
    twins = [ApiKey.objects.create(partner=partner, prefix=f"wr_abcdefghij{end}", digest=end) for end in ("klm", "xyz")]
    with pytest.raises(CommandError, match="2 live keys start like that"):
        run("revoke_api_key", "wr_abcdefghij")
    assert ApiKey.objects.filter(revoked_at=None).count() == 2
    run("revoke_api_key", "wr_abcdefghijk")
    assert ApiKey.objects.get(revoked_at=None) == twins[1]
    run("revoke_api_key", "wr_abcdefghij")
    assert ApiKey.objects.filter(revoked_at=None).count() == 0


def test_a_whole_key_names_itself_even_beside_a_twin():
    key = key_of()
    ApiKey.objects.create(partner=Partner.objects.get(is_test=False), prefix=key[:16], digest="twin")
    run("revoke_api_key", key)
    assert not works(key)
    assert ApiKey.objects.get(revoked_at=None, partner__is_test=False).digest == "twin"


def test_what_no_live_key_starts_with():
    key = key_of()
    swapped = key.swapcase().replace("WR_", "wr_")
    wildcards = ("wr_%%%%%%%%%", "wr__________", "%" * 12, "_" * 12)
    unknown = ("wr_" + "0" * 12, swapped[:12], swapped, key[3:20], key[:50] + "!", key + "x", " " + key[:12], *wildcards)

    def finds_nothing(start):
        with pytest.raises(CommandError, match="no live key starts like that"):
            run("revoke_api_key", start)

    for start in unknown:
        finds_nothing(start)
    assert works(key)
    run("revoke_api_key", key[:12])
    finds_nothing(key[:12])


def test_a_key_has_256_random_bits_and_says_whose_it_is():
    made = {key_of(f"Shop {number}") for number in range(50)}
    assert len({key[8:14] for key in made}) == 50
    assert all(KEY.fullmatch(key) for key in made)
