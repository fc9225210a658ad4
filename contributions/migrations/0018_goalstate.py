"""What open checkouts reserve of a goal whose gifts are limited."""

from datetime import UTC, datetime

from django.db import migrations, models


def reserve_what_is_pending(apps, schema_editor):
    """Until its provider has said what became of it. What is Submitted reserves once its giver comes to pay it."""
    pending = apps.get_model("contributions", "Contribution").objects.filter(status="Pending")
    pending.update(reserved_until=datetime(9999, 12, 31, tzinfo=UTC))


class Migration(migrations.Migration):
    dependencies = [("contributions", "0017_mode"), ("goals", "0004_goalstate")]

    operations = [
        migrations.AddField(model_name="contribution", name="reserved_until", field=models.DateTimeField(null=True)),
        migrations.RunPython(reserve_what_is_pending, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="contribution",
            index=models.Index(
                condition=models.Q(("reserved_until__isnull", False)), fields=["goal"], name="contribution_reserving"
            ),
        ),
    ]
