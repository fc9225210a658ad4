"""The service as production runs it, with the payment company of instant_provider.py: an ASGI application."""

from config.asgi import application as application  # first of all: it sets Django up  # isort: skip

from benchmarks import instant_provider

instant_provider.install()
