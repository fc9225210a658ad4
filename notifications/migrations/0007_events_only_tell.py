"""What became of an event's delivery stands with the delivery."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notifications", "0006_events_have_deliveries")]

    operations = [
        migrations.RemoveIndex("event", "event_due"),
        *(
            migrations.RemoveField("event", name)
            for name in ("delivery", "step", "lease_token", "lease_until", "due_at", "attempts")
        ),
    ]
