"""What a WSGI server runs of a peer: BENCHMARK_PEER names its module."""

import os

from django.core.wsgi import get_wsgi_application

from benchmarks import instant_provider

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.peers.django_settings")
application = get_wsgi_application()
instant_provider.install()
