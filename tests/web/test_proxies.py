"""What a proxy says of a request is believed where it is ours; the API over http is refused and never redirected."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from config import env
from tests.conftest import PartnerClient, goal_xml
from web import proxies

INSIDE, OUTSIDE = "10.0.0.5", "198.51.100.7"


@pytest.fixture(params=[False, True], ids=["as it comes", "named"])
def named(request, settings, monkeypatch):
    """Behind https; TRUSTED_PROXIES is left out, or names a network."""
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/24, 2001:db8::1" if request.param else "")
    settings.IS_HTTPS = True
    settings.TRUSTED_PROXIES_ARE_NAMED = request.param
    settings.TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", "127.0.0.0/8, ::1")
    return request.param


def status(peer, path="/api/savings", **headers):
    client = Client(SERVER_NAME="give.example.test", REMOTE_ADDR=peer)
    return client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()}).status_code


@pytest.mark.django_db
def test_the_api_over_http_is_403_and_not_redirected(named):
    """401 is an answer of the API; nobody has a key here."""
    ours, others = (INSIDE, "127.0.0.1") if named else ("127.0.0.1", INSIDE)
    assert status(ours, X_Forwarded_Proto="https") == 401
    assert status(ours, X_Forwarded_Proto="http") == 403
    assert status(ours, X_Forwarded_Proto="https, http") == 403, "a client's own words stand before the proxy's"
    assert status(ours) == (403 if named else 401), "a proxy that says nothing was not told to"
    for peer in (others, OUTSIDE):
        assert (status(peer), status(peer, X_Forwarded_Proto="https")) == (403, 403)
    assert status(OUTSIDE, "/healthz") == 200
    assert status(OUTSIDE, "/pay/nothing") == 404


@pytest.mark.django_db
def test_the_refusal_says_that_the_key_was_in_the_clear(named):
    client = Client(SERVER_NAME="give.example.test", REMOTE_ADDR=OUTSIDE)
    answer = client.get("/api/savings", headers={"Accept": "application/json", "Authorization": "Bearer wr_live_secret"})
    assert (answer.json()["code"], "Location" in answer.headers) == ("https_needed", False)
    assert "wr_live_secret" not in answer.content.decode()


@pytest.mark.django_db
def test_over_plain_http_nobody_asks_for_https():
    assert status(OUTSIDE) == 401


@pytest.mark.parametrize(
    ("peer", "told", "found"),
    [
        (OUTSIDE, "192.0.2.1", OUTSIDE),
        (INSIDE, "192.0.2.1", "192.0.2.1"),
        (INSIDE, "192.0.2.66, 192.0.2.1", "192.0.2.1"),
        (INSIDE, "192.0.2.66, 192.0.2.1, 10.0.0.9", "192.0.2.1"),
        ("2001:db8::1", "2001:db8::2", "2001:db8::2"),
        (INSIDE, "nonsense, 10.0.0.9", "10.0.0.9"),
        (INSIDE, "", INSIDE),
        (f"::ffff:{INSIDE}", "192.0.2.1", "192.0.2.1"),
        ("", "192.0.2.1", "192.0.2.1"),
    ],
)
def test_the_address_is_the_last_that_is_no_proxy_of_ours(settings, monkeypatch, peer, told, found):
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/24,2001:db8::1")
    settings.TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES", "")
    assert proxies.client_address({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": told}) == found


@pytest.mark.django_db
def test_the_address_is_worked_out_once_for_a_request(shop, monkeypatch):
    """Though the log, the limits, the partner's networks and the audit log all want it."""
    worked_out = []
    as_it_is = proxies.client_address

    def noted(environ):
        worked_out.append(as_it_is(environ))
        return worked_out[-1]

    monkeypatch.setattr(proxies, "client_address", noted)
    assert shop.post("/api/savings", goal_xml(), X_Forwarded_For="192.0.2.1").status == 201
    assert PartnerClient("wr_test_" + "A" * 43).get("/api/savings", X_Forwarded_For="192.0.2.2").status == 401
    assert worked_out == ["192.0.2.1", "192.0.2.2"]


@pytest.mark.parametrize("value", ["10.0.0.0/33", "proxy.example.org", "10.0.0.5/24", "*"])
def test_what_is_no_network_is_told(monkeypatch, value):
    monkeypatch.setenv("TRUSTED_PROXIES", value)
    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES must be addresses or networks such as"):
        env.networks("TRUSTED_PROXIES", "")
