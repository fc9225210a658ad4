"""What every command of ours does alike: it says in the audit log who runs it, and ends in a sentence where it cannot work.

Exit statuses: 0 it is done, and all is well; 1 it is done, and something is found that needs a person; 2 it could not be done.
"""

from contextlib import nullcontext
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, SystemCheckError
from django.db import DatabaseError, InterfaceError

import encryption
import log_context
import security_log
from console import database
from partners import audit_log

FOUND, CANNOT = 1, 2


class OperatorCommand(BaseCommand):
    """A command of ours. Raise CommandError with one sentence where a name is unknown or a wish cannot be met."""

    acts_for_the_service = False
    """What it does is nobody's wish but the service's own: the worker."""

    def execute(self, *args: Any, **options: Any) -> Any:
        command = type(self).__module__.rpartition(".")[2]
        actor = audit_log.SERVICE if self.acts_for_the_service else audit_log.operator(command)
        try:
            tells = self.acts_for_the_service or bool(settings.SECURITY_LOG)
            context = log_context.bound(request_id=log_context.new_request_id(), command=command)
            with context, audit_log.acting(actor), nullcontext() if tells else security_log.told_elsewhere():
                if not self.acts_for_the_service:
                    security_log.tell("operator_command", command=command, account=actor.name, address=actor.address)
                return super().execute(*args, **options)
        except SystemCheckError:
            raise
        except CommandError as error:
            error.returncode = CANNOT
            raise
        except (DatabaseError, InterfaceError) as error:
            raise CommandError(database.trouble_after(error), returncode=CANNOT) from error
        except (encryption.UnreadableSecret, ImproperlyConfigured) as error:
            raise CommandError(str(error), returncode=CANNOT) from error
