from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("goals", "0008_certificates")]

    operations = [
        migrations.AddConstraint(
            "savinggoal",
            models.UniqueConstraint(
                fields=["certificates_of", "currency", "partner"],
                condition=models.Q(certificates_of__isnull=False),
                name="one_goal_of_certificates",
            ),
        ),
    ]
