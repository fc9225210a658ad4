"""The WSGI application, as the server asks it, in the transaction of a test."""

from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from config.wsgi import application


def in_the_transaction_of_the_test(environ, start_response):
    """The service, which closes no connection between requests. Clients of tests put the signals back: so around each one."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        answer = application(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            answer.close()
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
