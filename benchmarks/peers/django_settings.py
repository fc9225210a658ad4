"""Settings of the peers that are written with Django: the service's own database and nothing of its middleware."""

import os

from config.settings import *  # noqa: F403 - the same database, opened the same way

ROOT_URLCONF = f"benchmarks.peers.{os.environ['BENCHMARK_PEER']}"
INSTALLED_APPS = [
    "partners",
    "goals",
    "notifications",
    "givers",
    "contributions",
    "pledges",
    "certificates",
    "providers",
    "providers.sandbox",
]
MIDDLEWARE: list[str] = []
TEMPLATES: list[dict[str, object]] = []
LOGGING_CONFIG = None
REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None, "UNAUTHENTICATED_TOKEN": None}
CSRF_USE_SESSIONS = False
