from django.db import migrations, models

from indexes import AddIndex, RemoveIndex


class Migration(migrations.Migration):
    """All that is summed stands in the index, so that no row is read."""

    atomic = False

    dependencies = [("certificates", "0003_by_status")]

    operations = [
        RemoveIndex(model_name="giftcertificate", name="certificate_outstanding"),
        AddIndex(
            model_name="giftcertificate",
            index=models.Index(
                condition=models.Q(("balance_minor__gt", 0)),
                fields=["currency", "partner", "balance_minor", "expires_at"],
                name="certificate_outstanding",
            ),
        ),
    ]
