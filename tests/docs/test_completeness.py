"""What is in the code is in the documentation, and what is in the documentation is in the code."""

import ast
import re
import tomllib
from importlib import metadata

import pytest
from django.apps import apps
from django.urls import URLResolver
from packaging.specifiers import SpecifierSet

from api.errors import TABLE
from api.records import contribution as contribution_record
from api.records import goal as goal_record
from config import settings as our_settings
from config import urls
from contributions import attention
from contributions.status import MOVES, Status
from providers.registry import PROVIDER_NAMES
from tests.docs.examples import ROOT
from tests.docs.pages_and_code import (
    ARCHITECTURE,
    OPERATORS,
    PARTNERS,
    ROOMS,
    calls_of,
    codes_in,
    nodes_of,
    rows_of,
    section_of,
)

pytestmark = pytest.mark.no_database


WHO_LOOKS_ROUND = {
    "amazon.py",
    "key_looks.py",
    "serve.py",
    "spelling.py",
    "split.py",
    "unsafe_database.py",
    "waiting.py",
    "wsgi.py",
}
"""They look at the names of what is set, at variables of libpq and Granian, or name the settings module: none is ours."""

# --- Settings ---------------------------------------------------------------------------------------------------------


def test_every_setting_is_documented_with_its_default():
    """The table of settings in the code is what was read of the environment, by config/env.py alone."""
    read = our_settings.SETTINGS
    assert {"DEBUG", "DATABASE_URL", "PAYPAL_CLIENT_ID", "AMAZON_PAY_TEST_TOPIC_ARN"} <= set(read)
    documented = {
        name: default for names, default, *_ in rows_of(section_of(OPERATORS, "Settings")) for name in codes_in(names)
    }
    assert sorted(documented) == sorted(read)
    for name, default in read.items():
        one_code = re.fullmatch("`([^`]*)`", documented[name])
        if one_code and one_code[1] != "sqlite:///":
            assert default == one_code[1], name
        else:
            words = documented[name].replace("*", "")
            assert default in codes_in(documented[name]) or not default or "by region" in words, (name, default)


def test_the_environment_is_read_in_one_place():
    """Else a variable would be missing among those that are documented, and among those whose slips of the pen are known."""
    readers = {file.name for file in (ROOT / "config").glob("*.py") if "os.environ" in file.read_text()}
    assert readers - {"env.py"} <= WHO_LOOKS_ROUND


def test_every_finding_about_settings_is_documented():
    rules = "".join((ROOT / "config" / name).read_text() for name in ("unsafe.py", "unsafe_database.py"))
    numbers = {f"whipround.{number}" for number in re.findall(r'"([EWI]\d{3})"', rules)}
    assert len(numbers) > 20
    documented = [codes_in(row[0])[0] for row in rows_of(section_of(OPERATORS, "What does not start"))]
    assert documented == sorted(numbers, key=lambda number: ("EWI".index(number[10]), number))


# --- Commands ---------------------------------------------------------------------------------------------------------


def test_every_command_of_ours_is_documented():
    files = [file for room in ROOMS for file in (ROOT / room).glob("management/commands/[a-z]*.py")]
    ours = {file.stem for file in files}
    assert {"work", "audit", "create_partner"} <= ours
    documented = {codes_in(row[0])[0].split()[0] for row in rows_of(section_of(OPERATORS, "Commands"))}
    assert ours - documented == set()
    assert documented - ours <= {"migrate", "run_demo"}


@pytest.mark.parametrize(
    "command", ["create_partner", "create_api_key", "revoke_api_key", "work", "webhook_endpoint", "redeliver"]
)
def test_every_argument_of_a_command_is_documented_and_no_other(command):
    (file,) = [file for room in ROOMS for file in (ROOT / room).glob(f"management/commands/{command}.py")]
    given = re.findall(r"add_argument\(\s*\"(-{0,2}[a-z-]+)\"", file.read_text())
    (row,) = [codes_in(row[0])[0] for row in rows_of(section_of(OPERATORS, "Commands")) if row[0].startswith(f"`{command}")]
    shown = [word.strip("[].") for word in row.split()[1:]]
    assert sorted(word for word in shown if word.startswith("--")) == sorted(name for name in given if name.startswith("--"))
    assert any(word.isupper() and word.lower() in given for word in shown) or not any(name[0] != "-" for name in given)


# --- Paths ------------------------------------------------------------------------------------------------------------


def _served() -> set[str]:
    """Every path of every door as the documentation writes it; the demo shop is no part of the service."""
    paths = set()
    doors = [door for door in urls.urlpatterns if str(door.pattern) != "demo/"]
    for route in [route for door in doors for route in door.url_patterns]:
        text = str(route.pattern).removeprefix("^").removesuffix("$").removesuffix("/?")
        if isinstance(route, URLResolver):  # the console: its pages are links from its first one
            paths.add(f"/{text}")
            continue
        if route.callback.__name__ == "not_found":
            continue
        text = re.sub(r"\(\?P<provider>[^)]*\)", "{provider}", text)
        text = re.sub(
            r"\(\?P<(?:goal|contribution|event|matcher|account|endpoint|rehearsal|giver|permission|certificate|pledge)_id>[^)]*\)|<str:contribution_id>",
            "{id}",
            text,
        )
        text = (
            text.replace("<str:checkout_id>", "{checkout}")
            .replace("<str:payee_id>", "{payee}")
            .replace("<str:setup_id>", "{permission}")
            .replace("<str:code>", "{code}")
            .replace("\\.", ".")
        )
        choice = re.search(r"\(\?P<\w+>([\w|]+)\)", text)
        paths |= {
            "/" + (text.replace(choice[0], one) if choice else text) for one in (choice[1].split("|") if choice else [""])
        }
    return paths


def test_every_path_is_documented_and_no_other():
    served = _served()
    assert {"/api/savings", "/api/SavingGoal/{id}", "/providers/{provider}/return/{id}", "/healthz"} <= served
    for_partners = {path for row in rows_of(section_of(PARTNERS, "The paths")) for path in codes_in(row[0])}
    for_operators = set(re.findall(r"`(/(?:[a-z]+z|metrics|console))`", OPERATORS))
    assert for_partners | for_operators == served


@pytest.mark.parametrize(
    ("record", "first"), [(goal_record, "Element of a goal"), (contribution_record, "Element of a contribution")]
)
def test_read_only_elements_are_those_without_a_rule(record, first):
    rows = rows_of(PARTNERS.split(f"| {first} | In a request |")[1].split("\n\n")[0])
    read_only = {name for names, how, _ in rows if how == "read-only" for name in codes_in(names)}
    assert read_only == {element.name for element in record.ELEMENTS if not element.is_writable}


@pytest.mark.django_db
def test_the_verbs_of_every_api_path_are_those_that_it_has(shop, giver):
    goal = shop.new_goal()
    gift = shop.new_contribution(goal)
    giver.pay(gift.value("ProviderURL"))
    event = shop.get("/api/Events").xml.findtext("Event/Id")
    endpoint = shop.post("/api/WebhookEndpoints", "<WebhookEndpoint><URL>https://198.41.0.4/</URL></WebhookEndpoint>").value(
        "Id"
    )
    ids = {"/api/Contribution": gift.value("Id") or "", "/api/Events": event, "/api/WebhookEndpoints": endpoint}
    for paths, verbs, *_ in rows_of(section_of(PARTNERS, "The paths")):
        for path in codes_in(paths):
            if path.startswith("/api/"):
                refused = shop.call("TRACE", path.replace("{id}", ids.get(path.rpartition("/")[0], goal)))
                assert refused.status == 405
                assert set(refused.headers["Allow"].split(", ")) - {"HEAD"} == set(verbs.split(", ")), path


def test_every_provider_is_named():
    section = section_of(PARTNERS, "Providers and credentials")
    assert [name for name in PROVIDER_NAMES if f"`{name}`" not in section] == []


# --- Errors, statuses, reasons ----------------------------------------------------------------------------------------


def test_every_error_code_is_documented_with_its_status():
    rows = rows_of(section_of(PARTNERS, "Errors"))
    documented = {(int(status), codes_in(code)[0]) for status, code, *_ in rows}
    assert len(documented) == len(rows)
    written = {(call.args[0].value, call.args[1].value) for call in calls_of("Row", *nodes_of("api", "web"))}
    assert {(row.status, row.code) for row in TABLE.values()} < written
    assert documented == written


def test_the_table_of_statuses_is_the_table_of_moves():
    rows = rows_of(section_of(PARTNERS, "Statuses"))
    documented = {
        codes_in(status)[0]: set(codes_in(becomes)) for status, _, becomes in rows if codes_in(status)[0] in set(Status)
    }
    assert documented == {status.value: {to.value for (come_from, to) in MOVES if come_from == status} for status in Status}


# --- For operators and contributors -----------------------------------------------------------------------------------


def test_every_log_event_is_documented_with_its_level():
    levels = {"info": "info", "warning": "warning", "error": "error", "exception": "error"}
    nodes = [node for node in nodes_of() if isinstance(node, ast.Call)]
    calls = [(call.args[0], of_event) for level, of_event in levels.items() for call in calls_of(f"log.{level}", *nodes)]
    assert [ast.unparse(event) for event, _ in calls if not isinstance(event, ast.Constant)] == ["KINDS[kind].told"]
    logged = {(event.value, of_event) for event, of_event in calls if isinstance(event, ast.Constant)}
    logged |= {(kind.told, "error") for kind in attention.KINDS.values()}
    rows = rows_of(section_of(OPERATORS, "Logs"))
    assert {(event, row[1]) for row in rows for event in codes_in(row[0])} == logged


def test_every_table_of_the_database_is_explained():
    explained = {name for row in rows_of(section_of(ARCHITECTURE, "Tables")) for name in codes_in(row[0])}
    assert {model.__name__ for model in apps.get_models()} - explained == set()


def test_every_package_has_its_reason():
    text = (ROOT / "docs" / "decisions" / "0001-stack.md").read_text().lower().replace("_", "-")
    compiled = (ROOT / "requirements-dev.txt").read_text()  # holds those of requirements.txt as well
    packages = re.findall(r"^([a-z0-9-]+)==", compiled, re.MULTILINE)
    assert len(packages) > 50
    assert [name for name in packages if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)] == []
    text = (ROOT / "docs" / "decisions" / "0073-one-benchmark.md").read_text()
    wanted = re.findall(r"^([A-Za-z][\w-]+)", (ROOT / "requirements-bench.in").read_text(), re.MULTILINE)
    assert [name for name in wanted if name not in text] == []


def test_every_package_is_pinned_by_its_hashes():
    """The compiled files install the same bytes everywhere and name no machine they were compiled on."""
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-bench.txt"):
        text = (ROOT / name).read_text()
        assert text.count("==") == len(
            re.findall(r"^[a-z0-9-]+==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
        ), name
        assert re.findall(r"https?:|file:|^-", text, re.MULTILINE) == [], name


def test_every_package_installs_on_the_oldest_python():
    """Debian 12, where Python 3.11 is at home, has 3.11.2; the first of the 3.11s stands for it."""
    wanted = {dist.metadata["Name"]: dist.metadata["Requires-Python"] or "" for dist in metadata.distributions()}
    assert len(wanted) > 50
    assert [f"{name} {python}" for name, python in wanted.items() if not SpecifierSet(python).contains("3.11.0")] == []


def test_the_version_is_the_newest_in_the_changes():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    released = re.findall(r"^## (\S+) \((\d{4}-\d{2}-\d{2})\)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert released[0][0] == version
    assert [day for _, day in released] == sorted((day for _, day in released), reverse=True)


def test_every_decision_has_its_parts_and_stands_in_the_list():
    folder = ROOT / "docs" / "decisions"
    files = sorted(folder.glob("[0-9]*.md"))
    assert len({file.name[:4] for file in files}) == len(files)
    listed = (folder / "README.md").read_text()
    for file in files:
        text = file.read_text()
        title = text.partition("\n")[0]
        assert title.startswith(f"# {file.name[:4]} "), file.name
        assert f"[{file.name[:4]}]({file.name}) | {title[7:]} |" in listed
        assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == ["Context", "Decision", "Consequences", "Evidence"], (
            file.name
        )
