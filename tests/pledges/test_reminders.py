"""Mails to givers: stored, sent once, tried again; nothing where mail is off; no address in any log."""

import logging
import smtplib
from typing import Any

import pytest
from django.core import mail

from contributions.models import Contribution
from givers.private_page import page_url
from pledges import mail_texts, reminders
from pledges.mail_texts import Facts
from pledges.models import Reminder
from pledges.schedule import Every
from providers.sandbox.models import SandboxPermission

pytestmark = pytest.mark.django_db

MONTHLY = {"StartDate": "2027-01-31", "TimeZone": "Europe/Berlin"}


@pytest.fixture
def mail_on(settings: Any) -> None:
    settings.MAIL_IS_ON, settings.DEFAULT_FROM_EMAIL = True, "gifts@give.example"


def subjects() -> list[str]:
    return [one.subject for one in mail.outbox]


def test_a_giver_is_told_before_the_first_gift_once(pledging, mail_on):
    pledging.pledge(**MONTHLY)
    pledging.at("2027-01-29T07:59:00")
    assert reminders.send_all_due() == 0
    pledging.at("2027-01-29T08:00:00")
    assert (reminders.send_all_due(), reminders.send_all_due()) == (1, 0)
    (sent,) = mail.outbox
    assert (sent.to, sent.from_email) == (["ann@example.org"], "gifts@give.example")
    assert sent.subject == "[Test] Your gifts for A bicycle for Anna begin on 31 January 2027"
    assert "You have pledged 20.00 USD every month for A bicycle for Anna" in sent.body
    assert page_url(pledging.ann.row) in sent.body


def test_a_first_gift_that_is_near_is_told_at_once(pledging, mail_on):
    pledging.pledge(StartDate="2027-01-05")
    assert reminders.send_all_due() == 1


def test_a_giver_is_told_of_each_failure(pledging, mail_on):
    pledging.pledge(StartDate="2027-01-05")
    SandboxPermission.objects.update(scenario="declined")
    for moment in ("2027-01-05T09:00:00", "2027-01-06T09:00:01", "2027-01-08T09:00:02", "2027-01-12T09:00:03"):
        pledging.work(moment)
        reminders.send_all_due()
    bodies = [one.body for one in mail.outbox if "could not be taken" in one.subject]
    assert ["It is tried again on 6 January 2027." in bodies[0], "It is tried again on 12 January 2027." in bodies[2]] == [
        True,
        True,
    ]
    assert ("Nothing more is tried: your pledge is paused" in bodies[3], len(bodies)) == (True, 4)
    assert "Your card or account was declined." in bodies[0]
    assert Contribution.objects.get().pay_url in bodies[0]


def test_what_is_not_so_any_more_is_not_told(pledging, mail_on):
    pledge_id = pledging.pledge(StartDate="2027-01-05")
    pledging.ann.shop.delete(f"/api/Pledge/{pledge_id}")
    assert reminders.send_all_due() == 0
    assert (mail.outbox, Reminder.objects.get().due_at) == ([], None)


def test_nothing_is_stored_where_mail_is_off_or_has_no_address(pledging, settings):
    pledging.pledge(StartDate="2027-01-05")
    settings.MAIL_IS_ON = True
    pledging.ann.shop.patch(f"/api/Giver/{pledging.ann.id}", "<Giver><Email/></Giver>", If_Match="*")
    pledging.ann.row.__class__.objects.update(email_encrypted="")
    pledging.pledge(StartDate="2027-01-05")
    assert (Reminder.objects.count(), reminders.send_all_due()) == (0, 0)


def test_a_server_that_refuses_is_asked_again_and_then_given_up(pledging, mail_on, monkeypatch, caplog):
    def refuse(self: object) -> int:
        raise smtplib.SMTPRecipientsRefused({"ann@example.org": (550, b"ann@example.org is nobody")})

    pledging.pledge(StartDate="2027-01-05")
    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    with caplog.at_level(logging.INFO):
        for moment in ("04T12:00", "04T12:06", "04T12:37", "04T14:38", "04T20:39", "05T08:00"):
            pledging.at(f"2027-01-{moment}:00")
            assert reminders.send_all_due() == 0
    told = [one.message for one in caplog.records if one.message.startswith("reminder")]
    assert told == ["reminder not sent"] * 4 + ["reminder given up"]
    assert "ann@example.org" not in "".join(str(vars(one)) for one in caplog.records)
    assert Reminder.objects.get().due_at is None


def test_no_stranger_adds_a_line_or_a_header():
    facts = Facts(
        partner="Shop\nBcc: x@example.org",
        goal="A\r\nbicycle\u202e",
        amount="5.00 USD",
        every=Every.WEEK,
        giver_url="https://g",
    )
    text = mail_texts.of_first(facts)
    assert text.subject == "Your gifts for A bicycle begin on "
    assert "\nBcc:" not in text.body
    assert "\u202e" not in text.body
