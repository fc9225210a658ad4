"""What /readyz writes to prove that the database can be written, and who may log in to the console."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models


class Readiness(models.Model):
    """One row, number 1.

    `canary_encrypted` is a text that is known, encrypted when the service was ready for the first time: keys that cannot read
    it cannot read what partners have stored since. It is encrypted anew with all other columns of such a name.
    """

    written_at = models.DateTimeField()
    canary_encrypted = models.TextField()


class Operator(AbstractBaseUser):
    """Who may log in to the console, made by `manage.py console_user`. Django hashes the password.

    The base class alone is Django's, without its groups, permissions and content types: an operator may do what the console
    can do, and partners' keys have nothing to do with it.
    """

    name = models.CharField(max_length=64, unique=True)
    is_active = models.BooleanField(default=True)
    logouts = models.BigIntegerField(default=0)
    """Counted up to end every session there is: by a logout, a new password, `--disable`."""

    USERNAME_FIELD = "name"

    def __str__(self) -> str:
        return self.name
