"""The service with a simulator whose scenario `slow` hangs: each order takes half a minute."""

from config.asgi import application as application
from providers.sandbox import operations

HANGS_SECONDS = operations.SLOW_SECONDS = 30
