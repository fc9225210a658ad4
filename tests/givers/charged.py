"""What was charged under permissions, in our books and in the simulator's."""

from contributions.models import Contribution
from givers.models import Permission
from providers.sandbox.models import SandboxCheckout


def nobody_paid_twice_and_limits_hold():
    paid = SandboxCheckout.objects.filter(state__in=["captured", "authorized"])
    references = list(paid.values_list("reference", flat=True))
    assert len(references) == len(set(references))
    for permission in Permission.objects.exclude(total_minor=None):
        taken = sum(paid.filter(permission__reference=permission.public_id).values_list("amount_minor", flat=True))
        assert taken <= permission.used_minor <= permission.total_minor


def used():
    return Permission.objects.get().used_minor


def the_gift():
    return Contribution.objects.whole().latest("pk")


def charged():
    return SandboxCheckout.objects.exclude(permission=None)
