"""The WSGI application: `granian --interface wsgi --http 1 config.wsgi:application`."""

import os

import django
from django.core.handlers.wsgi import WSGIHandler

from web.wsgi_request import Utf8Request

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class Application(WSGIHandler):
    """Django's own, with requests of ours."""

    request_class = Utf8Request


django.setup(set_prefix=False)
application = Application()
