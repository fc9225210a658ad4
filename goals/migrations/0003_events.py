"""A partner is told once that a goal's EndDate has passed; nobody is told now of what ended before there was such an event."""

from django.db import migrations, models

import clock


def told_already(apps, schema_editor):
    SavingGoal = apps.get_model("goals", "SavingGoal")
    SavingGoal.objects.filter(ends_at__lt=clock.now()).update(end_told=True)


class Migration(migrations.Migration):
    dependencies = [("goals", "0002_payees")]

    operations = [
        migrations.AddField("savinggoal", "end_told", models.BooleanField(default=False)),
        migrations.RunPython(told_already, migrations.RunPython.noop),
        migrations.AddIndex(
            "savinggoal",
            models.Index(
                condition=models.Q(("end_told", False), ("ends_at__isnull", False)),
                fields=["ends_at"],
                name="goal_end_to_be_told",
            ),
        ),
    ]
