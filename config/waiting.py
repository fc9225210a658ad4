"""The name that config.asgi:application had when it was there for those who wait alone; kept for commands that name it."""

from config.asgi import application

__all__ = ["application"]
