from django.db import migrations, models

from indexes import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("pledges", "0001_pledges")]

    operations = [
        AddIndex(
            model_name="pledge",
            index=models.Index(fields=["partner", "state", "-id"], name="pledge_by_state"),
        ),
    ]
