"""Who is logged in. A session is Django's signed cookie: an operator's number, a mark of the password, two moments.

Nothing of it is stored here, so nothing grows and nothing of a session can be read out of a backup. It ends after
IDLE without a request, after LONGEST in any case, and at once when the operator's mark changes (console/operators.py).
"""

from datetime import timedelta

from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils.crypto import constant_time_compare

import clock
from console import operators
from console.models import Operator
from lookups import one_or_none

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)

LONGEST_TOLD = 1000
"""Of a sentence that the next page shows: a cookie has 4096 bytes."""


def begin(request: HttpRequest, operator: Operator) -> None:
    """Log the operator in: nothing of the session before is left, and the forms have a new token."""
    request.session.flush()
    now = clock.now().timestamp()
    request.session.update({"operator": operator.pk, "mark": operators.session_mark(operator), "begun": now, "seen": now})
    rotate_token(request)
    operators.note_login(operator)


def operator_of(request: HttpRequest) -> Operator | None:
    """Who is logged in; None where nobody is, or not any more."""
    session, now = request.session, clock.now().timestamp()
    number = session.get("operator")
    if not isinstance(number, int):
        return None
    if now - session.get("begun", 0) > LONGEST.total_seconds() or now - session.get("seen", 0) > IDLE.total_seconds():
        session.flush()
        return None
    operator = one_or_none(Operator.objects.filter(pk=number, is_active=True))
    if operator is None or not constant_time_compare(session.get("mark", ""), operators.session_mark(operator)):
        session.flush()
        return None
    session["seen"] = now
    return operator


def tell(request: HttpRequest, sentence: str) -> None:
    """Show this on the page that comes next."""
    request.session["told"] = sentence[:LONGEST_TOLD]


def told(request: HttpRequest) -> str:
    """What was to be shown on this page; once."""
    return str(request.session.pop("told", ""))
