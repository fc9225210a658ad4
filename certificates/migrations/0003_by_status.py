from django.db import migrations, models

from indexes import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("certificates", "0002_append_only")]

    operations = [
        AddIndex(
            model_name="giftcertificate",
            index=models.Index(fields=["partner", "status", "-id"], name="certificate_by_status"),
        ),
    ]
