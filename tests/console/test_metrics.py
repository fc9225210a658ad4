"""/metrics: what is counted and what the database knows, to whoever may read it, from all processes together."""

import io
import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

import metrics
from console import counted_files, gauges
from console import metrics as view
from contributions import attention
from contributions.models import Contribution
from contributions.running import Heart
from notifications.models import Delivery
from tests.config.starting import ROOT, environment_with
from tests.raising import raising

pytestmark = pytest.mark.django_db

TOKEN = "a-token-for-monitoring"


@pytest.fixture(autouse=True)
def _nothing_is_kept(monkeypatch):
    monkeypatch.setattr(view, "_gauges", gauges.DatabaseGauges())


def scraped(**headers):
    answer = Client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    found = {}
    for family in text_string_to_metric_families(answer.content.decode()):
        for sample in family.samples:
            found[sample.name, *sorted(sample.labels.items())] = sample.value
    return found


def value(name, **labels):
    return scraped().get((name, *sorted(labels.items())), 0)


def test_requests_are_counted_by_route_and_never_by_address(shop):
    labels = {"method": "GET", "route": "/api/Contribution/{contribution_id}", "status": "404"}
    before, seen = (
        value("whipround_requests_total", **labels),
        value("whipround_request_seconds_count", method="GET", route=labels["route"]),
    )
    for gift in ("nothing", "wr_live_abcdefghijklmnop", "x" * 22):
        shop.get(f"/api/Contribution/{gift}")
    shop.get("/api/Contribution/nothing?wait=1")
    assert value("whipround_requests_total", **labels) == before + 4
    assert value("whipround_request_seconds_count", method="GET", route=labels["route"]) == seen + 3  # waiting is not slowness
    shop.call("BREW", "/api/savings")
    shop.get("/no/such/path/at/all")
    text = Client().get("/metrics").content.decode()
    routes = set(re.findall(r'route="([^"]*)"', text))
    assert routes <= {"none", "/docs/"} | {
        route for route in routes if re.fullmatch(r"(/([A-Za-z_.-]|\{[a-z_]+\})+)+/?|/", route)
    }
    assert "none" in routes
    assert 'method="BREW"' not in text
    assert 'method="other"' in text


def test_gifts_are_counted_as_they_move_and_while_they_are_open(shop, giver):
    moved = value("whipround_contributions_moved_total", status="Settled", mode="test")
    gift = shop.new_contribution(shop.new_goal())
    assert value("whipround_contributions", status="Submitted", mode="test") == 0  # told a moment ago: kept for five seconds
    view._gauges = gauges.DatabaseGauges()
    assert value("whipround_contributions", status="Submitted", mode="test") == 1
    Contribution.objects.update(created_at=timezone.now() - timedelta(hours=2))
    giver.pay(gift.value("ProviderURL"))
    view._gauges = gauges.DatabaseGauges()
    assert value("whipround_contributions_moved_total", status="Settled", mode="test") == moved + 1
    assert value("whipround_contributions", status="Submitted", mode="test") == 0


def test_how_old_and_how_late_is_told(shop):
    shop.new_contribution(shop.new_goal())
    Contribution.objects.update(status="Pending", created_at=timezone.now() - timedelta(hours=2))
    attention.arise("no_outcome", Contribution(public_id="x", partner_id=1))
    found = scraped()
    assert 7190 < found["whipround_oldest_contribution_seconds", ("mode", "test"), ("status", "Pending")] < 7300
    assert found["whipround_oldest_contribution_seconds", ("mode", "live"), ("status", "Pending")] == 0
    assert found["whipround_attention", ("kind", "no_outcome")] == 1
    assert found["whipround_webhooks_waiting",] == Delivery.objects.filter(due_at__isnull=False).count()


def test_worker_and_audit_are_told():
    assert value("whipround_worker_seen_timestamp_seconds") == 0
    call_command("audit", stdout=io.StringIO())
    Heart().begin()
    view._gauges = gauges.DatabaseGauges()
    found, now = scraped(), timezone.now().timestamp()
    assert now - 60 < found["whipround_worker_seen_timestamp_seconds",] <= now
    assert now - 60 < found["whipround_audit_timestamp_seconds",] <= now
    assert found["whipround_audit_faults",] == 0


def test_a_database_that_is_away_is_told_in_numbers(monkeypatch):
    monkeypatch.setattr(gauges, "QUESTIONS", (raising(OperationalError("gone")),))
    found = scraped()
    assert found["whipround_database_up",] == 0
    assert ("whipround_webhooks_waiting",) not in found
    assert any(name[0] == "whipround_requests_total" for name in found)


def test_the_database_is_asked_once_in_five_seconds(django_assert_num_queries, shop, django_assert_max_num_queries):
    shop.new_goal()
    with django_assert_max_num_queries(20):
        scraped()
    with django_assert_num_queries(0):
        scraped()


@pytest.mark.parametrize(
    ("settings_are", "asks", "status"),
    [
        ({}, {}, 200),
        ({}, {"REMOTE_ADDR": "::1"}, 200),
        ({}, {"REMOTE_ADDR": "::ffff:127.0.0.1"}, 200),
        ({}, {"REMOTE_ADDR": "::ffff:192.0.2.1"}, 404),
        ({}, {"REMOTE_ADDR": "192.0.2.1"}, 404),
        ({}, {"REMOTE_ADDR": ""}, 404),
        ({}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404),
        ({}, {"HTTP_FORWARDED": "for=127.0.0.1"}, 404),
        ({"METRICS_TOKEN": TOKEN, "METRICS_NETWORKS": []}, {}, 404),
        ({"METRICS_TOKEN": TOKEN, "METRICS_NETWORKS": []}, {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}, 200),
        (
            {"METRICS_TOKEN": TOKEN},
            {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}", "HTTP_VIA": "1.1 x", "REMOTE_ADDR": "192.0.2.1"},
            200,
        ),
        ({"METRICS_TOKEN": TOKEN}, {"HTTP_AUTHORIZATION": "Bearer other"}, 404),
        ({"METRICS_TOKEN": TOKEN, "METRICS_NETWORKS": []}, {"HTTP_AUTHORIZATION": f"Basic {TOKEN}"}, 404),
    ],
)
def test_strangers_find_nothing_there(settings_are, asks, status, settings):
    for name, setting in settings_are.items():
        setattr(settings, name, setting)
    answer = Client().get("/metrics", **asks)
    assert answer.status_code == status
    if status == 404:
        assert b"whipround_" not in answer.content
        assert answer.headers["Content-Type"] == Client().get("/nothing").headers["Content-Type"]


# --- Several processes ------------------------------------------------------------------------------------------------

COUNT = (
    "import django; django.setup(); import sys, metrics; metrics.LIMITS_REFUSED.labels('x').inc({number});"
    "metrics.PROVIDER_CALL_SECONDS.labels('paypal').observe(0.3); {then}"
)


def process(folder, number, then="pass", **how):
    environment = environment_with(PROMETHEUS_MULTIPROC_DIR=str(folder), DJANGO_SETTINGS_MODULE="config.settings")
    return subprocess.Popen([sys.executable, "-c", COUNT.format(number=number, then=then)], env=environment, cwd=ROOT, **how)


def read(folder):
    found = {}
    for family in counted_files.AllProcesses(str(folder)).collect():
        found |= {(sample.name, *sorted(sample.labels.items())): sample.value for sample in family.samples}
    return found


def test_all_processes_are_added_up_also_those_that_are_gone(tmp_path):
    """Three have ended and one runs: nothing is lost, and their files become one of each type."""
    ended = [process(tmp_path, number) for number in (1, 2, 4)]
    assert [one.wait(60) for one in ended] == [0, 0, 0]
    running = process(
        tmp_path, 8, "print('counted', flush=True); sys.stdin.read()", stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert running.stdout.readline() == b"counted\n"
        assert len(list(tmp_path.glob("*.db"))) == 8
        for _ in range(2):  # reading them merges them, and reading again changes nothing
            found = read(tmp_path)
            assert found["whipround_limits_refused_total", ("limit", "x")] == 15
            assert found["whipround_provider_call_seconds_count", ("provider", "paypal")] == 4
            assert found["whipround_provider_call_seconds_bucket", ("le", "0.25"), ("provider", "paypal")] == 0
            assert found["whipround_provider_call_seconds_bucket", ("le", "0.5"), ("provider", "paypal")] == 4
            assert found["whipround_provider_call_seconds_bucket", ("le", "+Inf"), ("provider", "paypal")] == 4
            assert len(list(tmp_path.glob("*.db"))) == 4
    finally:
        running.communicate(timeout=60)
    assert read(tmp_path)["whipround_limits_refused_total", ("limit", "x")] == 15
    assert {file.stem.rpartition("-")[2] for file in tmp_path.glob("*.db")} == {"0"}


# --- Alert rules and dashboard ----------------------------------------------------------------------------------------

MONITORING = Path(ROOT) / "monitoring"
ALERTS = {
    rule["alert"]: rule["expr"]
    for group in yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"]
    for rule in group["rules"]
}
PANELS = {
    f"{panel['title']} {target['refId']}": target["expr"]
    for panel in json.loads((MONITORING / "grafana_dashboard.json").read_text())["panels"]
    for target in panel["targets"]
}


def every_metric():
    """Name of each sample that there can be, with its labels' names."""
    known = {}
    for one in metrics.COUNTED:
        labels = set(one._labelnames)
        if one._type == "counter":
            known[f"{one._name}_total"] = labels
        else:
            known |= {f"{one._name}_bucket": labels | {"le"}, f"{one._name}_sum": labels, f"{one._name}_count": labels}
    for gauge in gauges.DatabaseGauges().collect():
        known[gauge.name] = set(gauge._labelnames)
    return known


@pytest.mark.parametrize("expression", [*ALERTS.values(), *PANELS.values()], ids=[*ALERTS, *PANELS])
def test_alerts_and_dashboard_speak_of_metrics_that_exist(expression):
    known = every_metric()
    named = re.findall(r"\bwhipround_[a-z_]+", expression)
    assert named
    assert set(named) <= set(known)
    for name, matchers in re.findall(r"(whipround_[a-z_]+)\{([^}]*)\}", expression):
        assert set(re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)", re.sub(r'"[^"]*"', '""', matchers))) <= known[name]
    for grouped in re.findall(r"\bby \(([^)]*)\)", expression):
        assert {label.strip() for label in grouped.split(",")} <= set().union(*(known[name] for name in named))
    assert expression.count("(") == expression.count(")")


def test_every_metric_is_looked_at_and_described():
    """On the dashboard or by an alert; and each has a row in the operators' guide."""
    told = " ".join([*ALERTS.values(), *PANELS.values()])
    guide = (Path(ROOT) / "docs" / "operators.md").read_text()
    quiet = {"whipround_build_info", "whipround_metrics_of_all_processes", "whipround_attention_oldest_seconds"}
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in every_metric()}
    assert {name for name in families if name not in told} <= quiet
    assert {name for name in families if f"`{name}`" not in guide} == set()
