"""Each contribution's attempt to be paid becomes its first checkout; what was wanted of it becomes its intent."""

from datetime import timedelta

from django.db import migrations
from django.db.models import F

CHECKOUTS = """
INSERT INTO contributions_checkout (
    contribution_id, number, account_id, adapter, capture_policy, stage, provider_checkout_id, url, payment_reference,
    payee_id, created_at, expires_at, hold_expires_at, lease_token, lease_until, due_at, attempts)
SELECT id, 1, account_id, adapter, capture_policy,
    CASE WHEN account_id IS NULL THEN 'recorded'
         WHEN EXISTS (SELECT 1 FROM contributions_ledgerentry
                      WHERE contribution_id = contributions_contribution.id AND kind = 'capture') THEN 'taken'
         WHEN status = 'Pending' THEN 'approved'
         WHEN status = 'Authorized' THEN 'held'
         WHEN provider_url = '' THEN 'recorded'
         ELSE 'open' END,
    provider_checkout_id, CASE WHEN account_id IS NULL THEN '' ELSE provider_url END, payment_reference,
    payee_id, COALESCE(picked_at, created_at), NULL, authorization_expires_at, lease_token, lease_until, due_at, attempts
FROM contributions_contribution
"""

CONTRIBUTIONS = """
UPDATE contributions_contribution SET
    checkout_id = (SELECT id FROM contributions_checkout
                   WHERE contributions_checkout.contribution_id = contributions_contribution.id),
    intent = CASE WHEN unwanted_since IS NOT NULL THEN 'release'
                  WHEN capture_wanted_since IS NOT NULL THEN 'capture'
                  ELSE 'collect' END,
    intent_reason = CASE WHEN unwanted_since IS NOT NULL THEN unwanted_reason ELSE '' END
"""

OPENINGS = """
UPDATE contributions_providerrequest SET operation = 'open'
WHERE id IN (SELECT MAX(id) FROM contributions_providerrequest
             WHERE operation LIKE 'open:%' AND outcome = 'answered'
             AND contribution_id IN (SELECT id FROM contributions_contribution WHERE picked_at IS NOT NULL)
             GROUP BY contribution_id)
"""
"""A picked checkout was opened under `open:` and the lease's token: a giver who cancels at the provider may bring the request
id back, and it is looked for under `open`."""

PAYPAL_ORDER_LIVES = timedelta(hours=3)
"""As providers/paypal says for new ones."""


def paypals_orders_lapse(apps, schema_editor):
    checkouts = apps.get_model("contributions", "Checkout").objects.filter(adapter="paypal", stage="open")
    checkouts.update(expires_at=F("created_at") + PAYPAL_ORDER_LIVES)


class Migration(migrations.Migration):
    dependencies = [("contributions", "0008_checkouts")]

    operations = [
        migrations.RunSQL(CHECKOUTS),
        migrations.RunSQL(CONTRIBUTIONS),
        migrations.RunSQL(OPENINGS),
        migrations.RunPython(paypals_orders_lapse),
    ]
