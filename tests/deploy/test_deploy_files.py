"""Compose, systemd, cron, logrotate and the proxy: they start what is documented, with settings that exist and are safe."""

import json
import re
import shlex
import shutil
import subprocess

import pytest
import yaml

from config import settings as our_settings
from tests import migrated
from tests.config.starting import ROOT, environment_with, run
from tests.eventually import SECONDS

pytestmark = pytest.mark.no_database

DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OURS = ("migrate", "server", "worker")
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
TIMERS = sorted((DEPLOY / "systemd").glob("*.timer"))
[DOCUMENTED] = re.findall(r"^python (-m config\.serve .+)$", (ROOT / "docs" / "operators.md").read_text(), re.MULTILINE)
DOCUMENTED_WORKER = "manage.py work"

NOT_OURS = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "SHELL", "MAILTO", "SETTINGS", "KEEP_DAYS"}
FILLED_IN = {
    "SECRET_KEY": "Zq3mW8nR1tYv6bXc4dLk9sPa7gHj2fUe5iOo0rTxMf83kQz-vB6yNw_1uJhKs47",
    "CREDENTIALS_KEYS": "pV5kD2wQ8sJ4hN7mB1xC6zL9fG3tR0yEaUiOoPqW",
    "POSTGRES_PASSWORD": "x7Kp2mVq9Rt4Wn8Z",
}


def example_settings():
    lines = (DEPLOY / "settings.env.example").read_text().splitlines()
    return dict(line.lstrip("#").split("=", 1) for line in lines if re.match(r"#?[A-Z_]+=", line))


def set_settings():
    lines = (DEPLOY / "settings.env.example").read_text().splitlines()
    set_ones = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    return set_ones | {name: value for name, value in FILLED_IN.items() if name in set_ones}


def unit(file):
    """{(section, name): [values]}; systemd allows a name several times."""
    found, section = {}, ""
    for line in file.read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            name, value = line.split("=", 1)
            found.setdefault((section, name), []).append(value)
    return found


def environment_of_unit(file):
    pairs = [pair for line in unit(file).get(("Service", "Environment"), []) for pair in shlex.split(line)]
    return dict(pair.split("=", 1) for pair in pairs)


def places_with_variables():
    yield "settings.env.example", set(example_settings())
    for name in OURS:
        yield f"compose: {name}", set(SERVICES[name]["environment"])
    for file in UNITS:
        yield file.name, set(environment_of_unit(file))
    yield "Dockerfile", set(re.findall(r"(?<=[ ])([A-Z][A-Z_]+)=", " ".join(re.findall(r"^ENV(.*)$", dockerfile(), re.M))))


def dockerfile():
    return (DEPLOY / "Dockerfile").read_text()


@pytest.mark.parametrize(("place", "names"), [*places_with_variables()], ids=lambda one: one if isinstance(one, str) else "")
def test_every_variable_is_one_that_is_read(place, names):
    of_builds = {"PIP_NO_CACHE_DIR", "PIP_DISABLE_PIP_VERSION_CHECK"}
    assert names - set(our_settings.SETTINGS) - NOT_OURS - of_builds == set()
    assert names


def test_the_start_commands_are_the_documented_ones():
    server = [line for line in dockerfile().splitlines() if line.startswith("CMD ")]
    assert [json.loads(line.removeprefix("CMD ")) for line in server] == [
        ["python", *shlex.split(DOCUMENTED.replace("--host 127.0.0.1", "--host 0.0.0.0"))]
    ]
    assert "command" not in SERVICES["server"]
    assert SERVICES["worker"]["command"] == ["python", *shlex.split(DOCUMENTED_WORKER)]
    python = "/opt/whipround/current/.venv/bin/python "
    starts = {file.name: unit(file)["Service", "ExecStart"] for file in UNITS}
    assert starts["whipround-server@.service"] == [python + DOCUMENTED.replace("--port 8000", "--port %i")]
    assert starts["whipround-worker.service"] == [python + DOCUMENTED_WORKER]


def _commands_of_ours():
    cron = (DEPLOY / "cron" / "whipround").read_text()
    texts = [*(file.read_text() for file in UNITS), cron, (DEPLOY / "backup.sh").read_text(), dockerfile()]
    shown = set(re.findall(r"manage\.py ([a-z_]+)", "\n".join(texts)))
    return shown | {one["command"][2] for one in SERVICES.values() if "manage.py" in one.get("command", [])}


def test_every_command_that_is_started_exists():
    commands = _commands_of_ours()
    assert commands >= {"work", "audit", "status", "backup", "restore_drill", "migrate"}
    known = run("manage.py", "help", "--commands").stdout.split()
    assert commands - set(known) == set()
    scripts = re.findall(r"/opt/whipround/current/(deploy/\S+)", (DEPLOY / "cron" / "whipround").read_text())
    scripts += re.findall(r"/opt/whipround/current/(deploy/\S+)", "".join(file.read_text() for file in UNITS))
    assert scripts
    assert [one for one in scripts if not (ROOT / one).stat().st_mode & 0o111] == []


# --- Compose ----------------------------------------------------------------------------------------------------------


def _compose_environment(name):
    environment = {key: str(value) for key, value in SERVICES[name]["environment"].items()}
    password = FILLED_IN["POSTGRES_PASSWORD"]
    return {key: re.sub(r"\$\{POSTGRES_PASSWORD[^}]*\}", password, value) for key, value in environment.items()}


def test_the_deployment_check_is_clean_under_compose(tmp_path):
    """With the example's values, and secrets filled in; folders of the containers are ones of this test."""
    moved = {"RATE_LIMIT_STORE": str(tmp_path / "limits"), "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics")}
    moved |= {"SECURITY_LOG": str(tmp_path / "security.cef")}
    assert len({json.dumps(SERVICES[name]["environment"]) for name in OURS}) == 1
    environment = set_settings() | _compose_environment("server") | moved
    assert environment["DATABASE_URL"] == f"postgres://whipround:{FILLED_IN['POSTGRES_PASSWORD']}@db:5432/whipround"
    done = run("manage.py", "check", "--deploy", "--fail-level", "INFO", **environment)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    assert "no issues" in done.stdout


def test_compose_refuses_the_example_as_it_is():
    """Whoever forgets to fill in a secret is told, and nothing starts."""
    empty = set_settings() | {"SECRET_KEY": "", "CREDENTIALS_KEYS": ""}
    done = run("manage.py", "check", **empty)
    assert done.returncode == 2
    assert "SECRET_KEY" in done.stderr
    assert "CREDENTIALS_KEYS" in done.stderr


def test_compose_gives_each_process_as_little_as_it_needs():
    for name in OURS:
        service = SERVICES[name]
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert "ports" not in service
    assert [name for name, one in SERVICES.items() if "ports" in one] == ["proxy"]
    named = {mount.split(":")[0] for one in SERVICES.values() for mount in one.get("volumes", [])}
    assert {name for name in named if not name.startswith("./")} == set(COMPOSE["volumes"])
    assert SERVICES["server"]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    subnet = COMPOSE["networks"]["inside"]["ipam"]["config"][0]["subnet"]
    assert SERVICES["server"]["environment"]["TRUSTED_PROXIES"] == subnet


def test_the_database_takes_the_connections_that_are_needed():
    most = int(SERVICES["db"]["command"][-1].removeprefix("max_connections="))
    processes = int(re.search(r"--workers (\d+)", DOCUMENTED)[1])
    assert most > processes * our_settings.REQUEST_THREADS + 20


def test_servers_are_given_the_time_they_need_to_end():
    kill_after = int(re.search(r"--workers-kill-timeout (\d+)", DOCUMENTED)[1])
    assert int(SERVICES["server"]["stop_grace_period"].removesuffix("s")) > kill_after
    [stop] = unit(DEPLOY / "systemd" / "whipround-server@.service")["Service", "TimeoutStopSec"]
    assert int(stop) > kill_after


# --- The proxy --------------------------------------------------------------------------------------------------------


def test_the_proxy_keeps_metrics_shut_and_believes_no_client():
    text = (DEPLOY / "Caddyfile").read_text()
    sites = re.findall(r"^(https?)://\{\$SITE_ADDRESS\} \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    assert [scheme for scheme, _ in sites] == ["https", "http"]
    for _, site in sites:
        assert "\trespond /metrics 404\n" in site
        assert re.search(r"\treverse_proxy server:8000\b", site)
    assert "trusted_proxies" not in text
    assert "disable_redirects" in text, "a redirect would teach clients to send their key in the clear first"
    assert not re.search(r"^\s*log\b", text, re.MULTILINE), "keys stand in addresses"
    assert text.count("{") == text.count("}")
    assert "8000" in dockerfile()


@pytest.mark.skipif(shutil.which("caddy") is None, reason="caddy is not installed")
def test_caddy_can_read_its_file():
    command = ["caddy", "validate", "--config", str(DEPLOY / "Caddyfile"), "--adapter", "caddyfile"]
    done = subprocess.run(
        command,
        env=environment_with(SITE_ADDRESS="give.example.org"),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert done.returncode == 0, done.stderr


# --- systemd, cron, logrotate -----------------------------------------------------------------------------------------

HARDENED = {
    "User": "whipround",
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "CapabilityBoundingSet": "",
    "RestrictNamespaces": "yes",
    "UMask": "0027",
}


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.name)
def test_a_unit_is_hardened_and_writes_in_its_own_folders(file):
    found = unit(file)
    assert {name: found["Service", name] for name in HARDENED} == {name: [value] for name, value in HARDENED.items()}
    folders = {"/var/lib/": "StateDirectory", "/run/": "RuntimeDirectory", "/var/log/": "LogsDirectory"}
    values = environment_of_unit(file).values()
    for path in [one for one in (*values, *found["Service", "ExecStart"][0].split()) if one.startswith(tuple(folders))]:
        [(above, name)] = [item for item in folders.items() if path.startswith(item[0])]
        assert path.removeprefix(above).split("/")[0] in found["Service", name][0].split(), path


def test_every_timer_has_its_service():
    assert {file.stem for file in TIMERS} == {f"whipround-{name}" for name in ("audit", "backup", "status")}
    for file in TIMERS:
        assert file.with_suffix(".service") in UNITS
        assert unit(file)["Install", "WantedBy"] == ["timers.target"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_can_read_the_units(tmp_path):
    """It complains of programs that are not installed, which are put where they are for it."""
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    shutil.copytree(DEPLOY, tmp_path / "deploy")
    python.symlink_to("/bin/true")
    for file in [*(tmp_path / "deploy" / "systemd").iterdir()]:
        file.write_text(file.read_text().replace("/opt/whipround/current", str(tmp_path)))
    files = [str(tmp_path / "deploy" / "systemd" / file.name) for file in (*UNITS, *TIMERS)]
    done = subprocess.run(
        ["systemd-analyze", "--man=no", "verify", *files], capture_output=True, text=True, check=False, timeout=SECONDS
    )
    about_ours = [line for line in done.stderr.splitlines() if "whipround" in line]
    assert (done.returncode, about_ours) == (0, []), done.stderr


def test_cron_and_timers_do_the_same():
    lines = (DEPLOY / "cron" / "whipround").read_text().splitlines()
    jobs = [re.fullmatch(r"(\S+ ){5}whipround /opt/whipround/current/deploy/cron/run (.+)", line) for line in lines]
    by_cron = {job[2].replace("deploy/backup.sh", "backup").removeprefix("manage.py ").split()[0] for job in jobs if job}
    assert by_cron == {file.stem.removeprefix("whipround-") for file in TIMERS}


@pytest.mark.full  # four processes
def test_the_cron_runner_speaks_only_of_failures(tmp_path):
    """And takes values as they are, with dollars and spaces in them."""
    values = tmp_path / "settings.env"
    values.write_text(f"# a remark\nDATABASE_URL=sqlite:///{tmp_path}/x.sqlite3\nSECRET_KEY=a $HOME `id` & 'b'")

    def cron(*arguments):
        wanted = {"capture_output": True, "text": True, "check": False, "timeout": SECONDS}
        return subprocess.run([DEPLOY / "cron" / "run", *arguments], env=environment_with(SETTINGS=str(values)), **wanted)

    done = cron("manage.py", "audit")
    assert (done.returncode, len(done.stdout.splitlines())) == (2, 1)
    assert "migrate" in done.stdout
    migrated.fill(f"sqlite:///{tmp_path}/x.sqlite3", f"sqlite:///{tmp_path}/x.sqlite3")
    assert cron("manage.py", "migrate").stdout == ""
    assert (cron("manage.py", "audit").stdout, cron("manage.py", "audit").returncode) == ("", 0)


def test_the_security_log_is_rotated_where_it_is_written():
    rotated = re.search(r"^(/\S+) \{", (DEPLOY / "logrotate" / "whipround").read_text(), re.MULTILINE)[1]
    assert {environment_of_unit(file)["SECURITY_LOG"] for file in UNITS} == {rotated}


@pytest.mark.skipif(shutil.which("logrotate") is None, reason="logrotate is not installed")
def test_logrotate_can_read_its_file(tmp_path):
    file = tmp_path / "whipround"
    file.write_text((DEPLOY / "logrotate" / "whipround").read_text().replace("    su whipround whipround\n", ""))
    command = ["logrotate", "--debug", "--state", str(tmp_path / "state"), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=SECONDS)
    assert (done.returncode, "error" in done.stderr) == (0, False), done.stderr
