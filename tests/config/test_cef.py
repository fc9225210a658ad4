"""The security log: ArcSight's Common Event Format, escaped as it says, on a channel of its own."""

import logging
import re
import socket

import pytest

import log_context
import security_log
from config import cef
from tests.config.starting import run, sentence, settings_with

pytestmark = pytest.mark.no_database


@pytest.fixture
def told():
    """The lines of the channel, as a reader of CEF takes them apart: the header's fields and the extension's pairs."""
    lines = []

    class Kept(logging.Handler):
        def emit(self, record):
            lines.append(self.format(record))

    handler, log = Kept(), logging.getLogger("security")
    handler.setFormatter(cef.CommonEventFormat("1.2"))
    log.addHandler(handler)
    yield lines
    log.removeHandler(handler)


def taken_apart(line):
    """By the standard alone: unescaped pipes end the header's fields, an unescaped `key=` begins a pair."""
    fields, rest = [], line
    for _ in range(7):
        end = next(at for at, letter in enumerate(rest) if letter == "|" and not re.search(r"(?<!\\)(\\\\)*\\$", rest[:at]))
        fields.append(re.sub(r"\\([\\|])", r"\1", rest[:end]))
        rest = rest[end + 1 :]
    starts = list(re.finditer(r"(?:^| )([A-Za-z0-9]+)=", rest))
    pairs = {}
    for found, following in zip(starts, [*starts[1:], None], strict=True):
        raw = rest[found.end() : following.start() if following else len(rest)]
        pairs[found[1]] = re.sub(r"\\([\\=nr])", lambda m: {"n": "\n", "r": "\r"}.get(m[1], m[1]), raw)
    return fields, pairs


def test_an_event_is_told_with_where_it_came_from(told):
    with log_context.bound(request_id="r-1"), security_log.asked_by(address="192.0.2.7", method="GET", path="/api/savings"):
        security_log.tell("key_refused", reason="no_valid_key", partner="Anna's Shop")
    fields, pairs = taken_apart(told[0])
    assert fields == ["CEF:0", "Whipround", "Whipround", "1.2", "100", "API key missing, unknown, revoked or expired", "5"]
    assert pairs.pop("rt").isdigit()
    assert pairs == {
        "cat": "key_refused", "src": "192.0.2.7", "requestMethod": "GET", "request": "/api/savings", "reason": "no_valid_key",
        "externalId": "r-1", "cs1": "Anna's Shop", "cs1Label": "partner",
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["a|b", "a\\b", "a=b", "src=1.2.3.4", "a\nCEF:0|x", "a\r\nb", "\\=", "\\\\n", "x\\", "|", "\\|", "a|b=c\\d\n", "é🚲"],
)
def test_no_text_forges_a_field_or_a_line(text, told):
    security_log.tell("url_refused", reason=text, detail="end")
    assert len(told[0].splitlines()) == 1
    fields, pairs = taken_apart(told[0])
    assert fields[4] == "202"
    assert pairs["reason"] == text
    assert pairs["cs6"] == "end"
    assert "src" not in pairs


def test_the_escaping_is_that_of_the_standard():
    assert cef.escaped_header("detected a | in a \\ of = message\nx") == "detected a \\| in a \\\\ of = message x"
    assert cef.escaped_value("a | in = \\ of\nmessage\r") == "a | in \\= \\\\ of\\nmessage\\r"
    assert cef.escaped_value("\x1b[31m\x00\u2028") == " [31m  "
    assert "abcdefghijkl" not in cef.escaped_value("wr_live_abcdefghijklmnop")


@pytest.mark.parametrize(
    ("address", "pairs"),
    [
        ("2001:db8::1", {"c6a2": "2001:db8::1", "c6a2Label": "Source IPv6 Address"}), ("10.0.0.1", {"src": "10.0.0.1"}),
        ("shop-1", {"shost": "shop-1"}),
    ],
)  # fmt: skip
def test_an_address_stands_where_its_kind_belongs(address, pairs, told):
    with security_log.asked_by(address=address):
        security_log.tell("host_refused")
    assert taken_apart(told[0])[1].items() >= pairs.items()


def test_numbers_and_severities_are_those_of_a_table():
    numbers = [event.number for event in security_log.EVENTS.values()]
    assert len(set(numbers)) == len(numbers)
    assert all(0 <= event.severity <= 10 for event in security_log.EVENTS.values())


def test_a_file_holds_nothing_else_and_the_log_not_these(tmp_path):
    file = tmp_path / "security.cef"
    code = (
        "import django; django.setup(); import logging, security_log; logging.getLogger('x').warning('ordinary');"
        "security_log.tell('too_many_cards', about='8kGq')"
    )
    told = run("-c", code, SECURITY_LOG=str(file), DJANGO_SETTINGS_MODULE="config.settings")
    assert "ordinary" in told.stderr
    assert "too_many_cards" not in told.stderr
    [line] = file.read_text().splitlines()
    assert taken_apart(line)[0][4] == "302"
    without = run("-c", code, SECURITY_LOG="", DJANGO_SETTINGS_MODULE="config.settings")
    assert '"event": "too_many_cards"' in without.stderr


def test_syslog_gets_a_datagram_each():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(20)
        where = cef.channel(f"syslog://127.0.0.1:{server.getsockname()[1]}")["where"]
        handler = cef.Syslog(where)
        handler.setFormatter(cef.CommonEventFormat("1.2"))
        event = security_log.EVENTS["key_refused"]
        handler.handle(
            logging.makeLogRecord({"name": "security", "levelno": 30, "levelname": "WARNING", "security_event": event})
        )
        handler.close()
        datagram = server.recv(9000).decode()
    assert re.match(r"<84>[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d \S+ CEF:0\|", datagram)
    assert not datagram.endswith("\x00")


@pytest.mark.parametrize("value", ["security.cef", "syslog://", "syslog://h:0", "syslog://h:99999", "http://h", "syslog://h/x"])
def test_another_channel_stops_the_start_with_a_sentence(value):
    assert sentence(SECURITY_LOG=value).startswith("SECURITY_LOG must be the absolute path of a file")


def test_dev_log_and_a_host_are_channels():
    for value, where in (("syslog:///dev/log", "/dev/log"), ("syslog://siem.example", ("siem.example", 514))):
        assert settings_with(SECURITY_LOG=value)["LOGGING"]["handlers"]["security"]["where"] == where
