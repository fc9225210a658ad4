"""Small mistakes with standing permissions and PINs, found by histories of permissions.py or by a probe of probes.py."""

from tests.simulation.planted_bugs import Bug
from tests.simulation.planting import expression, instead, preceded_by

SIDE = "permissions"
AT_PAYPAL, AT_STRIPE, AT_AMAZON = "permissions at PayPal", "permissions at Stripe", "permissions at Amazon"
ADAPTERS = {AT_PAYPAL: "paypal", AT_STRIPE: "stripe", AT_AMAZON: "amazon"}
"""By side, as sides.PERMITTING has them."""

BUGS = (
    Bug(
        "a permission is Active while the provider still asks",
        "a-permission-is-active-by-the-providers-word",
        expression("told.standing is Standing.ACTIVE and told.token", "told.standing in {Standing.ACTIVE, Standing.OPEN}"),
        side=SIDE,
        seed=1,
    ),
    Bug(
        "a permission is Active by what the return's address says",
        "what-a-giver-brings-back-is-not-believed",
        preceded_by(
            "if request.GET.get('state') == 'active':\n"
            "    Permission.objects.filter(pk=permission.pk).update(state='Active', token_encrypted='x')"
        ),
        probe="a giver comes back with a made-up address",
    ),
    Bug(
        "the limit is read, added to and written",
        "a-permission-covers-no-more-than-its-limit",
        instead(
            "now = rows.filter(left & _not_ended()).first()\n"
            "if now is None:\n"
            "    raise NoRoom\n"
            "Permission.objects.filter(pk=now.pk).update(used_minor=now.used_minor + amount_minor)"
        ),
        probe="two take the same rest",
    ),
    Bug(
        "tries of a PIN are counted by each process for itself",
        "a-pin-is-tried-a-few-times",
        instead(
            "tried = globals().setdefault('_tried', {})\n"
            "tried[giver.pk] = tried.get(giver.pk, 0) + 1\n"
            "counted = Giver.objects.get(**row_key(giver)) if tried[giver.pk] <= TRIES else None"
        ),
        probe="another process tries a PIN",
    ),
    Bug(
        "a token is used after its permission was taken back",
        "a-token-is-not-used-after-it-was-taken-back",
        instead("return True"),
        probe="taken back while a charge is unknown",
    ),
    Bug(
        "another checkout is opened while a charge is unknown",
        "no-other-checkout-beside-a-charge",
        instead("return False"),
        probe="the giver comes while a charge is unknown",
    ),
    Bug(
        "room is given back, and the gift goes on taking it",
        "room-is-given-back-once",
        instead("permissions.give_back(checkout.permission_id, checkout.partner_id, checkout.permission_minor)"),
        side=SIDE,
        seed=4,
    ),
    Bug(
        "a charge that was refused is not over",
        "a-refused-charge-is-over",
        instead("return False"),
        probe="a charge is refused",
    ),
    Bug(
        "a card stays where it is when its permission is taken back",
        "a-card-that-is-taken-back-is-detached",
        instead("pass"),
        side=AT_STRIPE,
        seed=14,
    ),
    Bug(
        "each try of a charge has a key of its own",
        "every-try-of-a-charge-has-one-key",
        instead(
            'key = f"{request_id}-{clock.now().timestamp()}"\n'
            'reply = self.client.call("charge", "POST", "/v1/payment_intents", form, request_id=key)'
        ),
        side=AT_STRIPE,
        seed=30,
    ),
    Bug(
        "a wallet stays where it is when its permission is taken back",
        "a-wallet-that-is-taken-back-is-deleted",
        instead("pass"),
        side=AT_PAYPAL,
        seed=7,
    ),
    Bug(
        "each try of a charge is another order at PayPal",
        "paypal-charges-keep-their-request-id",
        expression("request_id", 'f"{request_id}-{clock.now().timestamp()}"'),
        side=AT_PAYPAL,
        seed=23,
    ),
    Bug(
        "a charge permission stays open when it is taken back",
        "a-charge-permission-that-is-taken-back-is-closed",
        instead("pass"),
        side=AT_AMAZON,
        seed=3,
    ),
    Bug(
        "each try of a charge has a key of its own at Amazon",
        "amazon-charges-keep-their-key",
        expression("request_id", "__import__('ids').new_id()"),
        side=AT_AMAZON,
        seed=3,
    ),
    Bug(
        "another set-up takes the place of one that somebody asks about",
        "a-set-up-does-not-give-way-while-somebody-asks",
        instead(
            "if leased is None:\n"
            "    Permission.objects.filter(**row_key(permission), state=REQUESTED).update(setup_id=setup_id)\n"
            "    return True"
        ),
        side=AT_AMAZON,
        seed=361,
    ),
)
