"""Operators of the console: made, disabled, recognised by name and password."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import get_password_validators, validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

import clock
from bigint import bigint
from console.models import Operator
from lookups import one_or_none
from partners import audit_log

LONGEST_NAME = 64
LONGEST_PASSWORD = 1000
"""Of what is hashed at a login: a longer one is none."""

_VALIDATORS = get_password_validators(
    [
        {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
        for name, options in (
            ("MinimumLengthValidator", {"min_length": 12}),
            ("CommonPasswordValidator", {}),
            ("NumericPasswordValidator", {}),
            ("UserAttributeSimilarityValidator", {"user_attributes": ["name"]}),
        )
    ]
)


class BadOperator(ValueError):
    """A name or a password that cannot be one; the message is a sentence."""


def set_password(name: str, password: str) -> bool:
    """Make the operator, or give this password to the one there is, who may log in again; ends every session of theirs.

    True: it is a new one. Raises BadOperator.
    """
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable() or name.strip() != name:
        raise BadOperator(f"the name must be 1 to {LONGEST_NAME} characters that can be printed, without blanks round it")
    operator = one_or_none(Operator.objects.filter(name=name)) or Operator(name=name)
    if len(password) > LONGEST_PASSWORD:
        raise BadOperator(f"the password must have at most {LONGEST_PASSWORD} characters")
    try:
        validate_password(password, operator, _VALIDATORS)
    except ValidationError as error:
        raise BadOperator(" ".join(error.messages)) from None
    is_new = operator.pk is None
    operator.set_password(password)
    operator.is_active = True
    operator.logouts += 1
    with transaction.atomic():
        operator.save()
        audit_log.record("operator.made" if is_new else "operator.password_set", name)
    return is_new


def disable(name: str) -> None:
    """No login any more, and every session ends with its next request. Raises BadOperator."""
    with transaction.atomic():
        if not Operator.objects.filter(name=name).update(is_active=False, logouts=F("logouts") + bigint(1)):
            raise BadOperator(f"there is no operator named {name!r}")
        audit_log.record("operator.disabled", name)


def recognise(name: str, password: str) -> Operator | None:
    """The operator with this password; None for a wrong one, a name that nobody has and a disabled one alike.

    A password is hashed for each of them, so that the time it takes tells nothing.
    """
    operator = one_or_none(Operator.objects.filter(name=name, is_active=True)) if "\0" not in name else None
    if len(password) > LONGEST_PASSWORD:
        return None
    if operator is None:
        make_password(password)
        return None
    return operator if operator.check_password(password) else None


def note_login(operator: Operator) -> None:
    Operator.objects.filter(pk=operator.pk).update(last_login=clock.now())


def end_sessions(operator: Operator) -> None:
    """All of this operator's, on whatever device."""
    Operator.objects.filter(pk=operator.pk).update(logouts=F("logouts") + bigint(1))


def session_mark(operator: Operator) -> str:
    """What a session of the operator holds: it differs after a new password, a logout and `--disable`.

    Nobody can make one with SECRET_KEY alone: the hash of the password goes into it.
    """
    return salted_hmac("console.session", f"{operator.password}:{operator.logouts}", algorithm="sha256").hexdigest()
