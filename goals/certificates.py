"""The goals to which gift certificates are paid: the service's own, one for each payee and currency.

A certificate is bought like a gift, so its purchase is a contribution, and a contribution has a goal. No client sees these
goals: not in a list, a feed, a search or a count, and nobody else's gift goes to one.
"""

from django.db import IntegrityError, transaction

from goals import rules
from goals.models import Payee, SavingGoal
from goals.rules import MOST_A_GOAL_CAN_HOLD_MINOR, GoalChange
from lookups import one_or_none
from partners.tags import new_id_of

NAME = "a gift certificate"
"""What a giver reads where a goal's name would stand."""


def goal_of(payee: Payee, currency: str) -> SavingGoal:
    """The goal to which certificates are paid that this payee gets the money of; made where there is none yet.

    Raises PayeeIsGone.
    """
    found = _found(payee, currency)
    if found is not None:
        return found
    values = {
        "name": NAME,
        "external_item_id": "",
        "currency": currency,
        "goal_minor": MOST_A_GOAL_CAN_HOLD_MINOR,
        "certificates_of": payee,
    }
    try:
        with transaction.atomic():
            change = GoalChange(values, {payee.provider: payee})
            rules.create(payee.partner, change, public_id=new_id_of(payee.partner_id))
    except IntegrityError:  # somebody else has made it at this moment
        pass
    made = _found(payee, currency)
    if made is None:
        raise rules.PayeeIsGone("The payment account was deleted at this moment: give another.")
    return made


def _found(payee: Payee, currency: str) -> SavingGoal | None:
    rows = SavingGoal.objects.select_related("partner")
    return one_or_none(rows.filter(certificates_of=payee, partner_id=payee.partner_id, currency=currency, deleted_at=None))
