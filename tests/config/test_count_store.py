"""Where requests are counted, by what RATE_LIMIT_STORE says."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env

pytestmark = pytest.mark.no_database


@pytest.fixture
def store(monkeypatch, tmp_path):
    def found(told, sqlite_file=""):
        monkeypatch.setenv("RATE_LIMIT_STORE", told)
        return env.count_store("RATE_LIMIT_STORE", sqlite_file, tmp_path / "var")

    return found


def test_left_out_it_is_beside_the_database_or_in_the_folder(store, tmp_path):
    assert store("", str(tmp_path / "give.sqlite3")) == str(tmp_path / "give.sqlite3-limits")
    assert store("", ":memory:") == store("") == str(tmp_path / "var" / "limits.sqlite3")
    assert (tmp_path / "var").is_dir()


def test_a_file_or_redis_is_taken_as_told(store):
    for told in ("/run/give/limits", "redis://cache:6379/1", "rediss://user:word@cache:6380/0"):
        assert store(told, "give.sqlite3") == told
    assert store("unix:///run/redis.sock") == "redis+unix:///run/redis.sock"


@pytest.mark.parametrize("told", ["limits.sqlite3", "memory://", "http://cache", "memcached://user:hidden-word@cache:11211"])
def test_anything_else_is_refused_without_its_password(store, told):
    with pytest.raises(ImproperlyConfigured, match="RATE_LIMIT_STORE must be the whole path") as refused:
        store(told)
    assert "hidden-word" not in str(refused.value)
