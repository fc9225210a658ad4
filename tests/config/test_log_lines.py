"""Log lines: one JSON object each, whatever text comes from outside, and never a key."""

import json
import logging
import sys

import pytest

from config.log_lines import JsonLines
from partners.key_text import new_key, without_keys


def line(message, *arguments, **extra):
    record = logging.getLogger("test").makeRecord("test", logging.WARNING, "f.py", 1, message, arguments, None, extra=extra)
    return JsonLines().format(record)


def test_a_line_says_when_what_and_whatever_was_named():
    told = json.loads(line("request %s", "done", path="/api/savings", status=200))
    assert told.pop("at").endswith("+00:00")
    assert told == {"level": "warning", "logger": "test", "event": "request done", "path": "/api/savings", "status": 200}


@pytest.mark.parametrize(
    "text", ["a\nb", "a\r\nb", '"}\n{"level": "info', "\x1b[31mred", "\x00", "\u2028\u2029\x85", "\udc80", "é🚲"]
)
def test_no_text_can_forge_a_second_line_or_a_colour(text):
    written = line("request", path=text)
    assert len(written.splitlines()) == 1
    assert written.isascii()
    assert written.isprintable()
    assert json.loads(written)["path"] == text


def test_what_json_does_not_know_is_written_as_text():
    assert json.loads(line("x", error=ValueError("bad"), nothing=None, some={"a": [1]})) | {"at": ""} == {
        "at": "", "level": "warning", "logger": "test", "event": "x", "error": "bad", "nothing": None, "some": {"a": [1]},
    }  # fmt: skip


def test_a_traceback_is_in_the_same_line():
    try:
        raise RuntimeError("boom\nboom")
    except RuntimeError:
        record = logging.makeLogRecord({"msg": "failed", "exc_info": sys.exc_info()})
    written = JsonLines().format(record)
    assert len(written.splitlines()) == 1
    assert "RuntimeError: boom\nboom" in json.loads(written)["traceback"]


def test_a_key_is_blotted_out_wherever_it_stands():
    key = new_key()
    for written in (
        line(f"look: {key}"), line("x", path=f"/api/{key}/x"), line("x", deep={"a": [key, f"x{key}y"]}),
        line("x", error=ValueError(key)),
    ):  # fmt: skip
        assert key[:12] not in written
        assert "wr_***" in written
        json.loads(written)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("wr_abcdefghi", "wr_***"), ("wr_abcdefgh", "wr_abcdefgh"), ("wr_", "wr_"), ("", ""),
        ("wr_a-bcdefghijk", "wr_a-bcdefghijk"),
    ],
)  # fmt: skip
def test_as_much_of_a_key_as_names_it_is_a_key(text, left):
    assert without_keys(text) == left


def test_a_card_number_is_masked_in_a_line():
    """Whoever wrote it: a client in an address, a provider in its own words."""
    record = logging.makeLogRecord({"msg": "asked", "levelno": logging.INFO, "levelname": "INFO"})
    record.path, record.told = "/api/x?card=4111-1111-1111-1111", "declined: 4111\u00a01111\u00a01111\u00a01111"
    line = json.loads(JsonLines().format(record))
    assert (line["path"], line["told"]) == ("/api/x?card=****-****-****-1111", "declined: ****\u00a0****\u00a0****\u00a01111")
