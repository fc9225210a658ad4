"""/readyz: the service can serve, which is more than that the database can be read."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection

import encryption
from console import readiness
from console.models import Readiness
from tests.conftest import PartnerClient, register
from tests.raising import raising

SECRET_DETAIL = 'INSERT INTO partners VALUES ("canary")'


def test_it_writes_each_time_that_it_is_asked_after_a_moment(stranger, db, monkeypatch):
    assert stranger.get("/readyz").text == "ready\n"
    first = Readiness.objects.get().written_at
    monkeypatch.setattr(readiness, "WRITE_AGAIN_SECONDS", 0)
    assert stranger.get("/readyz").status == 200
    assert Readiness.objects.get().written_at > first


def test_a_database_that_cannot_be_written_is_not_ready(stranger, db, monkeypatch):
    monkeypatch.setattr(readiness, "WRITE_AGAIN_SECONDS", 0)
    assert stranger.get("/readyz").status == 200
    for error in (OperationalError(SECRET_DETAIL), DatabaseError(SECRET_DETAIL)):
        with monkeypatch.context() as patch:
            patch.setattr("django.db.models.query.QuerySet.update", raising(error))
            answer = stranger.get("/readyz")
        assert (answer.status, answer.text) == (503, "the database cannot be written\n")


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_sqlite_that_may_not_be_written_is_not_ready(stranger, db, monkeypatch):
    monkeypatch.setattr(readiness, "WRITE_AGAIN_SECONDS", 0)
    assert stranger.get("/readyz").status == 200
    connection.connection.execute("PRAGMA query_only = 1")
    try:
        answer = stranger.get("/readyz")
    finally:
        connection.connection.execute("PRAGMA query_only = 0")
    assert (answer.status, answer.text) == (503, "the database cannot be written\n")


@pytest.mark.skipif("connection.vendor != 'postgresql'")
def test_postgresql_that_may_not_be_written_is_not_ready(stranger, db, monkeypatch):
    monkeypatch.setattr(readiness, "WRITE_AGAIN_SECONDS", 0)
    assert stranger.get("/readyz").status == 200
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
    answer = stranger.get("/readyz")
    assert (answer.status, answer.text) == (503, "the database cannot be written\n")


def test_keys_that_fit_nothing_are_not_ready(stranger, db, settings):
    """The same after a rotation: what an older key has encrypted can be read with the newer ones too."""
    settings.CREDENTIALS_KEYS = ["of-yesterday"]
    assert stranger.get("/readyz").status == 200
    settings.CREDENTIALS_KEYS = ["of-today", "of-yesterday"]
    assert stranger.get("/readyz").status == 200
    settings.CREDENTIALS_KEYS = ["of-another-service"]
    answer = stranger.get("/readyz")
    assert (answer.status, answer.text) == (503, "CREDENTIALS_KEYS cannot read what is in the database\n")
    settings.CREDENTIALS_KEYS = ["of-another-service", "of-yesterday"]
    assert stranger.get("/readyz").status == 200


def test_a_database_from_before_is_looked_into(stranger, db, settings):
    """The upgraded service has never been ready before, and its keys are wrong already."""
    settings.CREDENTIALS_KEYS = ["of-yesterday"]
    PartnerClient(register("Wishes & Co").api_key).new_goal()
    settings.CREDENTIALS_KEYS = ["of-another-service"]
    assert stranger.get("/readyz").status == 503
    assert not Readiness.objects.exists()
    settings.CREDENTIALS_KEYS = ["of-yesterday"]
    assert stranger.get("/readyz").status == 200


def test_the_canary_is_encrypted_anew_with_all_else(stranger, db, settings):
    """`reencrypt` does so for every column whose name ends with _encrypted; after it the old key may be dropped."""
    settings.CREDENTIALS_KEYS = ["of-yesterday"]
    assert stranger.get("/readyz").status == 200
    settings.CREDENTIALS_KEYS = ["of-today", "of-yesterday"]
    row = Readiness.objects.get()
    Readiness.objects.update(canary_encrypted=encryption.encrypt(encryption.decrypt(row.canary_encrypted)))
    settings.CREDENTIALS_KEYS = ["of-today"]
    assert stranger.get("/readyz").status == 200


@pytest.mark.parametrize("host", ["10.0.0.7:8000", "whatever.example", "under_score", "[::1]", "a b", ""])
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_any_host_is_answered(stranger, db, path, host):
    """A load balancer asks by address; nothing is made of the Host header there."""
    assert stranger.get(path, Host=host).status == 200
    assert stranger.get("/problems", Host=host).status == (400 if host != "[::1]" else 200)


def test_what_stands_in_the_way_is_said_and_nothing_more(stranger, db, monkeypatch, caplog):
    monkeypatch.setattr(readiness, "WRITE_AGAIN_SECONDS", 0)
    assert stranger.get("/readyz").status == 200
    monkeypatch.setattr("django.db.models.query.QuerySet.update", raising(OperationalError(SECRET_DETAIL)))
    answer = stranger.get("/readyz")
    assert "canary" not in answer.text + str(answer.headers)
    assert [record.reason for record in caplog.records if record.getMessage() == "not ready"] == [
        "the database cannot be written"
    ]


def test_the_command_says_the_same_and_lost_keys_are_given_up(db, settings, capsys):
    settings.CREDENTIALS_KEYS = ["of-yesterday"]
    call_command("ready")
    settings.CREDENTIALS_KEYS = ["of-another-service"]
    with pytest.raises(SystemExit) as ended:
        call_command("ready")
    assert ended.value.code == 1
    call_command("ready", keys_are_lost=True)
    call_command("ready")
    assert capsys.readouterr().out.splitlines() == [
        "ready", "CREDENTIALS_KEYS cannot read what is in the database", "ready", "ready",
    ]  # fmt: skip
