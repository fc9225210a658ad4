"""The columns of a lease have the names that the code uses."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_endpoints_of_partners")]

    operations = [
        migrations.RenameField("event", "claim_token", "lease_token"),
        migrations.RenameField("event", "claimed_until", "lease_until"),
    ]
