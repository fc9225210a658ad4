"""A webhook of the simulator is leased, and due, by the columns that everything has that is leased."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sandbox", "0004_webhooks")]

    operations = [
        migrations.RemoveIndex("sandboxwebhook", "sandbox_report_due"),
        migrations.RenameField("sandboxwebhook", "next_try_at", "due_at"),
        migrations.RenameField("sandboxwebhook", "tries", "attempts"),
        migrations.AlterField(
            "sandboxwebhook",
            "checkout",
            models.ForeignKey("sandbox.sandboxcheckout", on_delete=models.PROTECT, related_name="webhooks"),
        ),
        migrations.AddIndex(
            "sandboxwebhook",
            models.Index(fields=["due_at"], name="sandbox_webhook_due", condition=models.Q(due_at__isnull=False)),
        ),
    ]
