"""Commands that cannot work end in one sentence and status 2, as processes of their own: no traceback, ever."""

import json
from pathlib import Path

import pytest

from tests import migrated
from tests.config.starting import ROOT, run

pytestmark = pytest.mark.one_database  # each is told which

OURS = sorted(
    path.stem for room in ("console", "moving_in") for path in (ROOT / room / "management/commands").glob("[a-z]*.py")
)
ARGUMENTS = {
    "backup": ["var/nowhere/x.sqlite3"],
    "check_provider": ["nobody"],
    "console_user": ["Nobody", "--disable"],
    "create_api_key": ["Nobody"],
    "create_partner": ["Shop"],
    "distribute": ["--hash", "2"],
    "erase": ["Nobody"],
    "export": ["--partner", "Nobody"],
    "gift": ["Nobody"],
    "goal": ["Nobody"],
    "import_gifts": ["nowhere.csv", "--partner", "Nobody"],
    "import_goals": ["nowhere.csv", "--partner", "Nobody"],
    "partner_access": ["Nobody"],
    "redeliver": ["evt_1"],
    "rehearse": ["Nobody"],
    "restore_drill": ["var/nowhere/x.sqlite3"],
    "revoke_api_key": ["wr_live_nobodys"],
    "webhook_endpoint": ["Nobody"],
    "work": ["--once"],
}
ASKS_NO_DATABASE = {"backup", "check_provider", "restore_drill"}
TELLS_IT_ITSELF = {"ready"}
"""What it is asked is whether the database is well: it has done its work where it says no, with status 1."""
ASKED = ASKS_NO_DATABASE | TELLS_IT_ITSELF
NOBODY_LISTENS = "postgres://whipround:secret@127.0.0.1:9/whipround"
DOES_NOT_ANSWER, NOT_MIGRATED = "The database does not answer", "The database is not migrated: run `manage.py migrate`"


def sentence_of(done, *, status=2):
    """The only line that a stopped command writes."""
    assert done.returncode == status, (done.stdout, done.stderr)
    told = (done.stdout + done.stderr).splitlines()
    assert len(told) == 1, told
    return told[0]


def sqlite_at(path: Path) -> str:
    return f"sqlite:///{path}"


ALL_IN_ONE_PROCESS = """
import contextlib, io, json, os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
from django.core.management import execute_from_command_line
ended = {}
for name, arguments in json.loads(sys.argv[1]).items():
    told, status = io.StringIO(), 0
    with contextlib.redirect_stderr(told), contextlib.redirect_stdout(told):
        try:
            execute_from_command_line(["manage.py", name, *arguments])
        except SystemExit as end:
            status = end.code
        except BaseException as error:
            status = repr(error)
    ended[name] = [status, told.getvalue()]
print(json.dumps(ended))
"""


def every_command(names, **environment):
    """How each ended, and what it told; in one process, since there are many."""
    wanted = {name: ARGUMENTS.get(name, []) for name in names}
    done = run("-c", ALL_IN_ONE_PROCESS, json.dumps(wanted), **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_where_the_database_is_down():
    for name, (status, told) in every_command(set(OURS) - ASKED, DATABASE_URL=NOBODY_LISTENS).items():
        assert (name, status, told.count("\n")) == (name, 2, 1), told
        assert DOES_NOT_ANSWER in told, name
        assert "secret" not in told


def test_where_the_database_is_not_migrated(tmp_path):
    database = sqlite_at(tmp_path / "new.sqlite3")
    for name, (status, told) in every_command(set(OURS) - ASKED, DATABASE_URL=database).items():
        assert (name, status, told.count("\n")) == (name, 2, 1), told
        assert NOT_MIGRATED in told, name


def test_the_audit_as_a_process_of_its_own(tmp_path):
    told = sentence_of(run("manage.py", "audit", DATABASE_URL=NOBODY_LISTENS))
    assert told.startswith(f"CommandError: {DOES_NOT_ANSWER}: ")
    assert NOT_MIGRATED in sentence_of(run("manage.py", "audit", DATABASE_URL=sqlite_at(tmp_path / "new.sqlite3")))


def test_a_worker_that_is_to_stay_needs_its_tables(tmp_path):
    assert NOT_MIGRATED in sentence_of(run("manage.py", "work", DATABASE_URL=sqlite_at(tmp_path / "new.sqlite3")))


@pytest.mark.parametrize("command", ["migrate", "showmigrations"])
def test_commands_of_djangos_own_with_the_database_down(command):
    done = run("manage.py", command, DATABASE_URL=NOBODY_LISTENS)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert done.stderr.startswith(DOES_NOT_ANSWER)


def test_a_folder_that_is_not_there(tmp_path):
    told = sentence_of(run("manage.py", "audit", DATABASE_URL=sqlite_at(tmp_path / "none" / "x.sqlite3")))
    assert told == f"CommandError: {DOES_NOT_ANSWER}: unable to open database file"


def test_a_setting_that_is_missing_or_wrong():
    done = run("manage.py", "audit", DEBUG="0")
    told = done.stderr.splitlines()
    assert (done.returncode, [line.split()[:2] for line in told[:2]]) == (
        2,
        [["Set", "SECRET_KEY"], ["Set", "CREDENTIALS_KEYS"]],
    )
    assert "Traceback" not in done.stderr
    assert "LOG_LEVEL" in sentence_of(run("manage.py", "migrate", LOG_LEVEL="LOUD"))


def test_a_name_that_nobody_has(tmp_path):
    with migrated.new_database(sqlite_at(tmp_path / "x"), "new", tmp_path) as url:
        ended = every_command(ARGUMENTS.keys() - {"create_partner", "work"}, DATABASE_URL=url)
    for name, (status, told) in ended.items():
        assert (name, status, told.count("\n")) == (name, 2, 1), told
        assert told.startswith("CommandError: "), name
