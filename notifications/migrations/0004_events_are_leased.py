"""An event is leased, and due, by the columns that everything has that is leased."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0003_leases")]

    operations = [
        migrations.RemoveIndex("event", "event_due"),
        migrations.RenameField("event", "next_attempt_at", "due_at"),
        migrations.AddIndex(
            "event",
            models.Index(fields=["partner", "due_at"], name="event_due", condition=models.Q(due_at__isnull=False)),
        ),
    ]
