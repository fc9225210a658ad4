"""The same service for those who wait: `granian --interface asgi --http 1 config.waiting:application`.

A proxy may send here whatever has `wait` in its query, or everything under /api/Events.
"""

from config.wsgi import application as wsgi  # first of all: it sets Django up  # isort: skip

from web.holding import Application

application = Application(wsgi)
