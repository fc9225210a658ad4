"""The ASGI application, which production runs: `granian --interface asgi --http 1 config.asgi:application`."""

from config.wsgi import application as wsgi  # first of all: it sets Django up  # isort: skip

from web.front_door import FrontDoor

application = FrontDoor(wsgi)
