"""What the simulator sends is called a webhook, as everywhere."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sandbox", "0003_reports_that_always_arrive")]

    operations = [
        migrations.RenameModel("SandboxReport", "SandboxWebhook"),
        migrations.RenameField("sandboxwebhook", "report_id", "event_id"),
        migrations.RenameField("sandboxwebhook", "claim_token", "lease_token"),
        migrations.RenameField("sandboxwebhook", "claimed_until", "lease_until"),
    ]
