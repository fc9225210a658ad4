"""What the console shows: the same facts as the commands, and no secret."""

import re

import pytest

from console.story_lines import lines_of
from contributions import attention
from contributions.models import Contribution
from contributions.search import find
from contributions.story import story_of
from partners.models import ApiKey, Partner
from pledges.models import Pledge, PledgedGift
from pledges.story import pledge_of
from tests.api.conftest import new_pledge
from tests.api.matrix import PERMISSION
from tests.console.operating import logged_in, text_of
from tests.console.running import run

pytestmark = pytest.mark.django_db

SECRET = "payee-secret-4711@example.test"


@pytest.fixture
def operator(settings):
    settings.CONSOLE = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return logged_in()


@pytest.fixture
def gift(shop, giver):
    goal = shop.new_goal(ExternalItemId="bike-42")
    made = shop.new_contribution(goal, Contributor="Änne &lt;b&gt;Bell&lt;/b&gt;", Amount="37.50", Reference="order 9")
    giver.pay(made.value("ProviderURL"), "pending")
    found = Contribution.objects.whole().get(public_id=made.value("Id"))
    attention.arise("amount_mismatch", found, detail="38.50")
    return found


@pytest.fixture
def pledged(gift, shop):
    """The same, as if a pledge had made it."""
    ann = shop.post("/api/Givers", "<Giver><ExternalId>customer-7</ExternalId></Giver>").value("Id")
    permission = shop.post(f"/api/Giver/{ann}/Permissions", PERMISSION).value("Id")
    pledge = Pledge.objects.get(public_id=new_pledge(gift.goal.public_id, permission))
    PledgedGift.objects.create(pledge=pledge, number=1, contribution=gift, created_at=gift.created_at)
    Contribution.objects.update(pledge_public_id=pledge.public_id)
    return Contribution.objects.whole().get()


def test_a_page_holds_what_the_command_says(operator, pledged):
    told = run("gift", pledged.public_id)
    assert told.status == 0
    page = text_of(operator.get(f"/gifts/{pledged.public_id}"))
    facts = [" ".join(re.sub(r"^[a-z]* +", "", line).split()) for line in told.lines[1:]]
    assert len(facts) > 14
    for fact in facts:
        assert fact in page, fact
    assert told.lines[0].split("  ")[0] in page
    assert len(facts) == len(list(lines_of(story_of(pledged), pledge_of(pledged)))) - 1


@pytest.mark.parametrize("word", ["id", "checkout", "order 9", "bike-42", "37,50", "bell"])
def test_any_word_leads_to_the_gift(operator, gift, word):
    named = {"id": gift.public_id, "checkout": gift.checkout.provider_checkout_id}
    answer = operator.get("", q=named.get(word, word))
    assert (answer.status_code, answer["Location"]) == (303, f"/console/gifts/{gift.public_id}")


def test_several_and_none_are_told(operator, shop, gift):
    other = shop.new_contribution(shop.new_goal(), Amount="37.50").value("Id")
    page = operator.get("", q="37.50").content.decode()
    assert [one in page for one in (gift.public_id, other)] == [True, True]
    for word in ("nobody", "x" * 3000, "\0", "' OR 1=1 --", "<script>alert(1)</script>"):
        answer = operator.get("", q=word)
        assert "There is no gift to be found" in text_of(answer)
        assert "<script" not in answer.content.decode()
        assert find(word).gifts == []


def test_what_waits_and_how_the_service_is(operator, gift):
    page = text_of(operator.get("/attention"))
    assert "amount_mismatch" in page
    assert gift.public_id in page
    said = text_of(operator.get("/status"))
    for line in run("status").lines:
        assert line[22:] in said, line


def test_partners_and_the_audit_log(operator, shop, gift):
    partner = Partner.objects.get()
    assert partner.name in text_of(operator.get("/partners"))
    page = text_of(operator.get(f"/partners/{partner.pk}"))
    assert str(ApiKey.objects.get()) in page
    for line in run("audit_log").lines[:-1]:
        assert " ".join(line.split()) in text_of(operator.get("/audit-log")), line
    only = text_of(operator.get("/audit-log", action="operator.", before="1" * 18))
    assert "operator.made" in only
    assert "api_key.made" not in only
    for query in ({"before": "x"}, {"before": "9" * 30}, {"about": "\0"}):
        assert operator.get("/audit-log", **query).status_code == 200
    for path in ("/partners/0", "/partners/999999999999999999", "/gifts/x", "/gifts/" + "a" * 22, "/nothing"):
        assert operator.get(path).status_code == 404, path


def test_no_secret_is_on_any_page(operator, shop, gift):
    """Neither a key nor credentials nor what webhooks and redirects are signed with."""
    made = shop.post(
        "/api/WebhookEndpoints",
        "<WebhookEndpoint><URL>https://198.41.0.4/</URL></WebhookEndpoint>",
    )
    redirect_secret = shop.post("/api/RedirectSecret")
    secrets = [shop.key, made.value("Secret"), redirect_secret.value("Secret"), gift.checkout.account.credentials]
    key = ApiKey.objects.get()
    assert all(secrets)
    partner = Partner.objects.get()
    for path in ("", f"/gifts/{gift.public_id}", "/attention", "/status", "/partners", f"/partners/{partner.pk}", "/audit-log"):
        page = operator.get(path).content.decode()
        for secret in (*secrets, key.digest, partner.redirect_secret_encrypted):
            assert secret not in page, (path, secret)


def test_no_other_path_has_a_cookie(operator, shop, gift):
    """The session's middleware wraps the console alone."""
    for path in ("/api/savings", f"/pay/{gift.public_id}", "/healthz", "/thank-you"):
        assert not operator.client.get(path).cookies, path
        assert "Cookie" not in operator.client.get(path).get("Vary", ""), path
