"""The console's door: off unless configured, its own logins, one cookie, tokens in forms, sessions that end."""

from datetime import timedelta
from ipaddress import ip_network

import pytest
from django.test import Client

import clock
from console import operators
from console.models import Operator
from console.site import login, sessions
from partners.models import AuditEntry
from tests.console.operating import NAME, PASSWORD, Operating, logged_in, text_of
from tests.console.running import run

pytestmark = pytest.mark.django_db

PATHS = ("", "/", "/login", "/attention", "/status", "/partners", "/partners/1", "/audit-log", "/gifts/x")


@pytest.fixture(autouse=True)
def _on(settings):
    settings.CONSOLE = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def test_it_is_off_unless_configured(settings):
    """Nothing tells it from a path that there never was."""
    operators.set_password(NAME, PASSWORD)
    settings.CONSOLE = False
    nowhere = Client().get("/consolation")
    for path in PATHS:
        for answer in (Client().get(f"/console{path}"), Client().post(f"/console{path}", {"name": NAME})):
            assert (answer.status_code, answer.cookies) == (404, {}), path
            assert text_of(answer).partition(" If you write")[0] == text_of(nowhere).partition(" If you write")[0]


def test_it_is_there_for_named_networks_alone(settings):
    settings.CONSOLE_NETWORKS = [ip_network("198.51.100.0/24")]
    assert Client(REMOTE_ADDR="198.51.100.9").get("/console/login").status_code == 200
    assert Client(REMOTE_ADDR="::ffff:198.51.100.9").get("/console/login").status_code == 200
    assert Client(REMOTE_ADDR="203.0.113.1").get("/console/login").status_code == 404


def test_every_page_wants_a_login(key_of_shop):
    for path in PATHS:
        if path != "/login":
            for headers in (
                {},
                {"HTTP_AUTHORIZATION": f"Bearer {key_of_shop}"},
                {"HTTP_COOKIE": "console=eyJvcGVyYXRvciI6MX0:x:y"},
            ):
                answer = Client().get(f"/console{path}", **headers)
                assert (answer.status_code, answer["Location"].partition("?")[0]) == (303, "/console/login"), path


@pytest.fixture
def key_of_shop(shop):
    return shop.key


def test_after_the_login_the_page_that_was_wanted():
    operators.set_password(NAME, PASSWORD)
    one = Operating()
    wanted = one.get("/audit-log", about="x y")["Location"]
    assert wanted == "/console/login?next=/audit-log%3Fabout%3Dx%2By"
    answer = one.log_in(next="/audit-log?about=x+y")
    assert (answer.status_code, answer["Location"]) == (303, "/console/audit-log?about=x+y")
    assert Operator.objects.get().last_login is not None
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example", "/x\n/y", "/login"):
        assert Operating().log_in(next=elsewhere)["Location"] == "/console", elsewhere


def test_the_cookie_and_the_headers():
    one = logged_in()
    page = one.get()
    cookie = page.cookies["console"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Strict", "/", "")
    assert page["Cache-Control"] == "no-store"
    assert page["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert "script-src" not in page["Content-Security-Policy"]
    assert "<script" not in page.content.decode()
    assert "Cookie" in page["Vary"]


@pytest.mark.parametrize("name", [NAME, "nobody", "", "x" * 5000, "a\0b", "' OR 1=1 --"])
def test_a_wrong_login_says_no_more_than_that(name):
    operators.set_password(NAME, PASSWORD)
    one = Operating()
    answer = one.log_in(name=name, password="wrong")
    assert answer.status_code == 403
    assert login.WRONG in text_of(answer)
    assert one.get("/status").status_code == 303


@pytest.mark.parametrize("same", ["name", "address"])
def test_guesses_are_counted_by_name_and_address(same):
    """Then not even the right password is tried."""
    operators.set_password(NAME, PASSWORD)
    policy = login.OF_NAME if same == "name" else login.OF_ADDRESS
    for number in range(policy.quota):
        guesser = Operating()
        if same == "name":
            guesser.client.defaults["REMOTE_ADDR"] = f"203.0.113.{number}"
        assert guesser.log_in(name=NAME if same == "name" else f"n{number}", password="wrong").status_code == 403
    locked = Operating().log_in()
    assert (locked.status_code, int(locked["Retry-After"]) > 0) == (429, True)
    other = Operating()
    other.client.defaults["REMOTE_ADDR"] = "192.0.2.1"
    assert other.log_in().status_code == (429 if same == "name" else 303)


def test_forms_without_their_token_are_refused(shop):
    gift = shop.new_contribution(shop.new_goal()).value("Id")
    one = logged_in()
    before = AuditEntry.objects.count()
    for path in ("/login", "/logout", f"/gifts/{gift}/release", f"/gifts/{gift}/ask-now"):
        for fields in ({}, {"csrfmiddlewaretoken": "x" * 64}):
            answer = one.client.post(f"/console{path}", {"reason": "because", "name": NAME, "password": PASSWORD, **fields})
            assert answer.status_code == 403, path
            assert "Nothing was done" in text_of(answer)
    assert AuditEntry.objects.count() == before
    assert one.get(f"/gifts/{gift}/release").status_code == 405


def test_a_form_from_another_site_is_refused(shop):
    one = logged_in()
    page = one.get("/attention")
    fields = {"csrfmiddlewaretoken": page.content.decode().partition('csrfmiddlewaretoken" value="')[2].partition('"')[0]}
    assert one.client.post("/console/logout", fields, HTTP_ORIGIN="https://evil.example").status_code == 403
    assert one.client.post("/console/logout", fields, HTTP_ORIGIN="http://give.example.test").status_code == 303


@pytest.mark.parametrize(
    ("after", "every", "lives"),
    [
        (timedelta(minutes=29), None, True),
        (timedelta(minutes=31), None, False),
        (timedelta(hours=13), timedelta(minutes=25), False),
    ],
)
def test_sessions_end(monkeypatch, after, every, lives):
    """After half an hour without a request, and after twelve hours in any case."""
    one, begun = logged_in(), clock.now()
    if every:
        at = every
        while at < sessions.LONGEST:
            monkeypatch.setattr(clock, "now", lambda at=at: begun + at)
            assert one.get("/status").status_code == 200
            at += every
    monkeypatch.setattr(clock, "now", lambda: begun + after)
    assert (one.get("/status").status_code == 200) is lives


def test_a_logout_ends_a_copied_cookie_too():
    one, copy = logged_in(), Operating()
    copy.client.cookies["console"] = one.client.cookies["console"].value
    assert copy.get("/status").status_code == 200
    assert one.post("/logout", at="/status").status_code == 303
    assert copy.get("/status").status_code == 303


def test_the_command_makes_and_disables(monkeypatch):
    monkeypatch.setenv("CONSOLE_PASSWORD", PASSWORD)
    assert run("console_user", NAME).text == f"{NAME} can log in now.\n"
    one = Operating()
    assert one.log_in().status_code == 303
    assert run("console_user", NAME).text == f"{NAME} has a new password; every session has ended.\n"
    assert one.get("/status").status_code == 303
    assert one.log_in().status_code == 303
    assert run("console_user", NAME, "--disable").status == 0
    assert one.get("/status").status_code == 303
    assert one.log_in().status_code == 403
    assert run("console_user", "--list").text.startswith(f"{NAME}  disabled  last login ")
    rows = list(AuditEntry.objects.values_list("action", "about", "actor_kind"))
    assert rows == [(f"operator.{deed}", NAME, "operator") for deed in ("made", "password_set", "disabled")]
    assert PASSWORD not in str(list(Operator.objects.values()))


@pytest.mark.parametrize("password", ["", "short", "123456789012345", "1q2w3e4r5t6y", "x" * 1001])
def test_passwords_that_are_none(monkeypatch, password):
    monkeypatch.setenv("CONSOLE_PASSWORD", password)
    told = run("console_user", NAME)
    assert told.status == 2, told.text
    assert not Operator.objects.exists()


@pytest.mark.parametrize("arguments", [(), ("nobody", "--disable"), (" ",), ("x" * 65,), (NAME, "--list")])
def test_commands_that_cannot_be(monkeypatch, arguments):
    monkeypatch.setenv("CONSOLE_PASSWORD", PASSWORD)
    assert run("console_user", *arguments).status == 2
