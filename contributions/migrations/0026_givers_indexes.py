from django.db import migrations, models

from indexes import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("contributions", "0025_givers"),
    ]

    operations = [
        AddIndex(
            model_name="checkout",
            index=models.Index(
                condition=models.Q(("permission__isnull", False)), fields=["permission"], name="checkout_by_permission"
            ),
        ),
        AddIndex(
            model_name="contribution",
            index=models.Index(
                condition=models.Q(("giver__isnull", False)), fields=["giver", "-id"], name="contribution_by_giver"
            ),
        ),
    ]
