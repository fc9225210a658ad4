"""How the delivery of each event stands moves to a row of its own, so many events at a time.

Each batch commits: no long transaction holds the vacuum back or fills SQLite's log, and where it is interrupted
`migrate` goes on where it stopped.
"""

from django.db import migrations, transaction

import clock

BATCH = 20_000

COPY = """
INSERT INTO notifications_delivery
    (event_id, endpoint_id, state, step, due_at, attempts, lease_token, lease_until)
SELECT event.id, endpoint.id, event.delivery, event.step, event.due_at, event.attempts, '', NULL
FROM notifications_event event JOIN notifications_webhookendpoint endpoint ON endpoint.partner_id = event.partner_id
WHERE event.id > %s AND event.id <= %s AND event.delivery <> 'NotAskedFor'
ON CONFLICT (event_id, endpoint_id) DO NOTHING
"""


def copy(apps, schema_editor):
    Event, WebhookEndpoint = apps.get_model("notifications", "Event"), apps.get_model("notifications", "WebhookEndpoint")
    # Whoever has removed its endpoint was sent events all the same.
    without = Event.objects.exclude(delivery="NotAskedFor").filter(partner__webhook_endpoints=None)
    for partner_id in without.values_list("partner_id", flat=True).distinct():
        now = clock.now()
        WebhookEndpoint.objects.create(partner_id=partner_id, url="", created_at=now, removed_at=now)
    last = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    for start in range(0, last, BATCH):
        with transaction.atomic(), schema_editor.connection.cursor() as cursor:
            cursor.execute(COPY, [start, start + BATCH])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notifications", "0005_events")]

    operations = [migrations.RunPython(copy, migrations.RunPython.noop)]
