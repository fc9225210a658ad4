from django.db import migrations, models

from indexes import AddIndex


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("contributions", "0027_local")]

    operations = [
        AddIndex(
            model_name="contribution",
            index=models.Index(
                condition=models.Q(("match_of__isnull", False)), fields=["partner", "match_of"], name="contribution_by_match"
            ),
        ),
    ]
