"""What is in the code is in the documentation, and what is in the documentation is in the code."""

import ast
import re
import tomllib
from pathlib import Path

import pytest
from django.apps import apps

from api.errors import TABLE
from api.records import contribution as contribution_record
from api.records import goal as goal_record
from config import settings as our_settings
from config import urls
from contributions.decisions import mismatch
from contributions.status import MOVES, Status
from providers.base import Payment, PaymentRequest, PaymentState
from providers.registry import PROVIDER_NAMES
from tests.docs.examples import ROOT

pytestmark = pytest.mark.no_database

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
PARTNERS = (ROOT / "docs" / "partners.md").read_text()
OPERATORS = (ROOT / "docs" / "operators.md").read_text()
INSIDE = [
    ROOT / "CONTRIBUTING.md",
    *(ROOT / "docs" / name for name in ("architecture.md", "glossary.md", "adding_a_provider.md")),
]
"""Pages about the code."""
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
ROOMS = (
    "api", "config", "console", "contributions", "demo", "goals", "hooks", "notifications", "pages", "partners", "providers",
    "web", "xml_schemas",
)  # fmt: skip
CODE = [file for room in ROOMS for file in sorted((ROOT / room).rglob("*.py")) if "migrations" not in file.parts]


def _nodes(*rooms: str) -> list[ast.AST]:
    files = [file for file in CODE if file.relative_to(ROOT).parts[0] in (rooms or ROOMS)]
    return [node for file in files for node in ast.walk(ast.parse(file.read_text()))]


def _calls_of(name: str, *nodes: ast.AST) -> list[ast.Call]:
    return [node for node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func) == name]


def _section(page: str, heading: str) -> str:
    found = re.search(rf"^#+ {re.escape(heading)}$(.*?)(?=^#+ |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def _rows(text: str) -> list[list[str]]:
    """The rows of a section's tables, without the heads, as lists of cells."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    heads = {number for number, row in enumerate(cells) if set("".join(row)) <= {"-"}}
    return [row for number, row in enumerate(cells) if number not in heads and number + 1 not in heads]


def _codes(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


# --- Settings ---------------------------------------------------------------------------------------------------------


def _settings_read() -> dict[str, str | None]:
    """Variables that config/settings.py reads, with the default where that is written as a literal."""
    found: dict[str, str | None] = {}
    tree = ast.parse(Path(our_settings.__file__).read_text())
    of_ours = {
        one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and "os.environ.get(name" in ast.unparse(one)
    }
    assert "_switch" in of_ours
    for node in ast.walk(tree):
        if isinstance(node, ast.SetComp):
            found |= {c.value: None for c in ast.walk(node) if isinstance(c, ast.Constant) and str(c.value).isupper()}
        if not isinstance(node, ast.Call) or ast.unparse(node.func) not in {*of_ours, "os.environ.get"}:
            continue
        given = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "default")]
        if isinstance(given[0], ast.Constant):
            default = given[1].value if len(given) > 1 and isinstance(given[1], ast.Constant) else None
            text = str(int(default)) if isinstance(default, bool) else str(default)
            found[given[0].value] = text if default not in (None, "") else None
    return found


def test_every_setting_is_documented_with_its_default():
    read = _settings_read()
    assert {"DEBUG", "DATABASE_URL", "PAYPAL_CLIENT_ID"} <= set(read)
    documented = {name: default for names, default, *_ in _rows(_section(OPERATORS, "Settings")) for name in _codes(names)}
    assert sorted(documented) == sorted(read)
    for name, default in read.items():
        if default is not None:
            assert documented[name] == f"`{default}`", name


# --- Commands ---------------------------------------------------------------------------------------------------------


def test_every_command_of_ours_is_documented():
    files = [file for room in ROOMS for file in (ROOT / room).glob("management/commands/[a-z]*.py")]
    ours = {file.stem for file in files}
    assert {"work", "audit", "create_partner"} <= ours
    documented = {_codes(row[0])[0].split()[0] for row in _rows(_section(OPERATORS, "Commands"))}
    assert ours - documented == set()
    assert documented - ours <= {"migrate", "run_demo"}


@pytest.mark.parametrize(
    "command", ["create_partner", "create_api_key", "revoke_api_key", "work", "webhook_endpoint", "redeliver"]
)
def test_every_argument_of_a_command_is_documented_and_no_other(command):
    (file,) = [file for room in ROOMS for file in (ROOT / room).glob(f"management/commands/{command}.py")]
    given = re.findall(r"add_argument\(\s*\"(-{0,2}[a-z-]+)\"", file.read_text())
    (row,) = [_codes(row[0])[0] for row in _rows(_section(OPERATORS, "Commands")) if row[0].startswith(f"`{command}")]
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
        if route.callback.__name__ == "not_found":
            continue
        text = re.sub(r"\(\?P<provider>[^)]*\)", "{provider}", text)
        text = re.sub(r"\(\?P<(?:goal_id|contribution_id|event_id)>[^)]*\)|<str:contribution_id>", "{id}", text)
        text = text.replace("<str:checkout_id>", "{checkout}").replace("\\.", ".")
        choice = re.search(r"\(\?P<\w+>([\w|]+)\)", text)
        paths |= {
            "/" + (text.replace(choice[0], one) if choice else text) for one in (choice[1].split("|") if choice else [""])
        }
    return paths


def test_every_path_is_documented_and_no_other():
    served = _served()
    assert {"/api/savings", "/api/SavingGoal/{id}", "/providers/{provider}/return/{id}", "/healthz"} <= served
    for_partners = {path for row in _rows(_section(PARTNERS, "The paths")) for path in _codes(row[0])}
    for_operators = set(re.findall(r"`(/[a-z]+z)`", OPERATORS))
    assert for_partners | for_operators == served


@pytest.mark.parametrize(
    ("record", "first"), [(goal_record, "Element of a goal"), (contribution_record, "Element of a contribution")]
)
def test_read_only_elements_are_those_without_a_rule(record, first):
    rows = _rows(PARTNERS.split(f"| {first} | In a request |")[1].split("\n\n")[0])
    read_only = {name for names, how, _ in rows if how == "read-only" for name in _codes(names)}
    assert read_only == {element.name for element in record.ELEMENTS if not element.is_writable}


@pytest.mark.django_db
def test_the_verbs_of_every_api_path_are_those_that_it_has(shop, giver):
    goal = shop.new_goal()
    gift = shop.new_contribution(goal)
    giver.pay(gift.value("ProviderURL"))
    event = shop.get("/api/Events").xml.findtext("Event/Id")
    ids = {"/api/Contribution": gift.value("Id") or "", "/api/Events": event}
    for paths, verbs, *_ in _rows(_section(PARTNERS, "The paths")):
        for path in _codes(paths):
            if path.startswith("/api/"):
                refused = shop.call("TRACE", path.replace("{id}", ids.get(path.rpartition("/")[0], goal)))
                assert refused.status == 405
                assert set(refused.headers["Allow"].split(", ")) - {"HEAD"} == set(verbs.split(", ")), path


def test_every_provider_is_named():
    section = _section(PARTNERS, "Providers and credentials")
    assert [name for name in PROVIDER_NAMES if f"`{name}`" not in section] == []


# --- Errors, statuses, reasons ----------------------------------------------------------------------------------------


def test_every_error_code_is_documented_with_its_status():
    rows = _rows(_section(PARTNERS, "Errors"))
    documented = {(int(status), _codes(code)[0]) for status, code, *_ in rows}
    assert len(documented) == len(rows)
    written = {(call.args[0].value, call.args[1].value) for call in _calls_of("Row", *_nodes("api", "web"))}
    assert {(row.status, row.code) for row in TABLE.values()} < written
    assert documented == written


def test_the_table_of_statuses_is_the_table_of_moves():
    rows = _rows(_section(PARTNERS, "Statuses"))
    documented = {_codes(status)[0]: set(_codes(becomes)) for status, _, becomes in rows if _codes(status)[0] in set(Status)}
    assert documented == {status.value: {to.value for (come_from, to) in MOVES if come_from == status} for status in Status}


def _reasons() -> tuple[set[str], list[str]]:
    """Reasons that stand in the code in full, and patterns of those that are put together."""
    literal, put_together = set(), []
    printing = {ROOT / "contributions" / f"decision_{name}.py" for name in ("cases", "table")}  # what others decide
    nodes = [
        node
        for file in CODE
        if file not in printing and file.relative_to(ROOT).parts[0] in {"contributions", "providers"}
        for node in ast.walk(ast.parse(file.read_text()))
    ]
    about_refunds = {
        id(inside) for one in nodes if isinstance(one, ast.FunctionDef) and "refund" in one.name for inside in ast.walk(one)
    }  # why a refund failed is not a contribution's StatusReason
    for node in nodes:
        given: list[ast.expr] = []
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).rpartition(".")[2]
            if name == "note" or id(node) in about_refunds:  # a note is for the history alone
                continue
            given += [
                keyword.value for keyword in node.keywords if keyword.arg in {"reason", "intent_reason", "release", "why_not"}
            ]
            given += node.args[:1] if name in {"ProviderRefused", "refusal", "final", "payer_must_act"} else []
            given += node.args[1:2] if name == "Meaning" else []
            given += node.args[1:2] if name == "Move" else []
            given += node.args[2:3] if name == "_move" else []
        elif isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] in (["reason"], ["REASONS"]):
            given.append(node.value)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple) and isinstance(node.value, ast.Tuple):
            pairs = zip(node.targets[0].elts, node.value.elts, strict=True)
            given += [value for target, value in pairs if ast.unparse(target) == "reason"]
        elif isinstance(node, ast.FunctionDef) and node.name == "_reason":
            given += [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value]
        elif isinstance(node, ast.Dict):
            given += [value for name, value in zip(node.keys, node.values, strict=True) if _is(name, "intent_reason")]
        for value in given:
            inside = [one for one in ast.walk(value) if isinstance(one, ast.JoinedStr)]
            put_together += ["".join(_part(one) for one in text.values) for text in inside]
            in_texts = {id(part) for text in inside for part in ast.walk(text)}
            literal |= {
                one.value
                for one in ast.walk(value)
                if isinstance(one, ast.Constant) and isinstance(one.value, str) and one.value and id(one) not in in_texts
                if re.fullmatch(r"[a-z][a-z0-9_]+", one.value)
            }
    return literal - FOR_THE_HISTORY_ALONE, put_together


FOR_THE_HISTORY_ALONE = {"partly_refunded", "unwanted_money", "paid_twice", "dispute_won", "provider_picked"}
"""Reasons of what happens within a status: they never become its StatusReason."""


def _is(node: ast.expr | None, value: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == value


def _part(value: ast.expr) -> str:
    return re.escape(value.value) if isinstance(value, ast.Constant) else "[a-z]+"


def _mismatches() -> set[str]:
    ordered = PaymentRequest("PayPal", "reference", 1, "USD", "payee", True, "", "", "")
    told = {"amount_minor": 1, "currency": "USD", "payee": "payee", "reference": "reference"}
    return {
        mismatch(ordered, Payment(PaymentState.CAPTURED, **told | {name: other}))
        for name, other in {"amount_minor": 2, "currency": "EUR", "payee": "other", "reference": "other"}.items()
    }


def test_every_status_reason_is_documented_and_no_other():
    literal, put_together = _reasons()
    assert {"giver_cancelled", "instrument_declined", "provider_unreachable", "goal_deleted"} <= literal
    assert {"goal_not_reached", "authorization_lapsed", "chargeback", "refunded", "review_denied"} <= literal
    assert "refund_refused" not in literal
    rows = [row for row in _rows(_section(PARTNERS, "Statuses")) if _codes(row[0])[0] not in set(Status)]
    documented = {code for row in rows for code in _codes(row[0])}
    assert literal | _mismatches() <= documented
    unknown = documented - literal - _mismatches()
    assert {code for code in unknown if not any(re.fullmatch(pattern, code) for pattern in put_together)} == set()
    assert [pattern for pattern in put_together if not any(re.fullmatch(pattern, code) for code in documented)] == []


# --- For operators and contributors -----------------------------------------------------------------------------------


def test_every_log_event_is_documented_with_its_level():
    levels = {"info": "info", "warning": "warning", "error": "error", "exception": "error"}
    logged = {
        (call.args[0].value, of_event) for level, of_event in levels.items() for call in _calls_of(f"log.{level}", *_nodes())
    }
    rows = _rows(_section(OPERATORS, "Logs"))
    assert {(event, row[1]) for row in rows for event in _codes(row[0])} == logged


def test_every_table_of_the_database_is_explained():
    explained = {name for row in _rows(_section(ARCHITECTURE, "Tables")) for name in _codes(row[0])}
    assert {model.__name__ for model in apps.get_models()} - explained == set()


def test_every_package_has_its_reason():
    text = (ROOT / "docs" / "decisions" / "0001-stack.md").read_text().lower().replace("_", "-")
    compiled = (ROOT / "requirements-dev.txt").read_text()  # holds those of requirements.txt as well
    packages = re.findall(r"^([a-z0-9-]+)==", compiled, re.MULTILINE)
    assert len(packages) > 50
    assert [name for name in packages if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)] == []


def test_every_package_is_pinned_by_its_hashes():
    """The compiled files install the same bytes everywhere and name no machine they were compiled on."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert text.count("==") == len(
            re.findall(r"^[a-z0-9-]+==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
        ), name
        assert re.findall(r"https?:|file:|^-", text, re.MULTILINE) == [], name


def test_the_version_of_the_project_is_the_newest_in_the_changes():
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


# --- Links ------------------------------------------------------------------------------------------------------------


def _anchors(page: Path) -> set[str]:
    """What GitHub makes of the headings."""
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    links = re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", page.read_text())
    for link in links:
        if re.match(r"https?:", link):
            continue
        file, _, anchor = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), link
        if anchor:
            assert anchor in _anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_is_named_is_there(page):
    named = re.findall(r"`((?:[a-z_]+/)+(?:[a-z_]+\.[a-z]+)?|[a-z_]+\.(?:py|toml|txt))`", page.read_text())
    not_ours = {"var/", "management/commands/", "backup.sqlite3"}
    assert [name for name in named if name not in not_ours and not (ROOT / name).exists()] == []


def _names_in(file: Path) -> set[str]:
    """Every function, class and variable that the file defines or imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
    return names


@pytest.mark.parametrize("page", INSIDE, ids=lambda page: page.name)
def test_what_is_named_in_a_file_stands_there(page):
    """`NAME` in `room/file.py`, and in the drawings `room/file.py  name()`."""
    text = page.read_text()
    pairs = re.findall(r"`(\w+)` in\s+`((?:\w+/)*\w+\.py)`", text)
    pairs += [(name, file) for file, name in re.findall(r"^ {4,}((?:\w+/)*\w+\.py) +(\w+)\(\)", text, re.MULTILINE)]
    assert [(name, file) for name, file in pairs if name not in _names_in(ROOT / file)] == []
    assert pairs or page.name not in {"architecture.md", "CONTRIBUTING.md", "glossary.md"}


@pytest.mark.parametrize("page", INSIDE, ids=lambda page: page.name)
def test_what_is_called_is_defined_somewhere(page):
    """`name()`, `_name` and `ClassName` in the pages about the code."""
    every = {name for file in ROOT.rglob("*.py") if not {".venv", "var"} & set(file.parts) for name in _names_in(file)}
    named = re.findall(r"`(?:[\w.]+\.)?([a-z_]+)\([^`]*\)`|`(_[a-z_]+)`|`([A-Z][a-z]+(?:[A-Z][a-z]+)+)`", page.read_text())
    not_ours = {"StatusReason", "RecordVersionNumber", "ProviderURL", "PaymentIntent", "ResolutionImpossible"}
    assert {name for groups in named for name in groups if name} - every - not_ours == set()


def test_the_pages_are_named_in_the_readme():
    text = (ROOT / "README.md").read_text()
    missing = [page.name for page in (ROOT / "docs").glob("*.md") if f"(docs/{page.name})" not in text]
    assert missing == []
