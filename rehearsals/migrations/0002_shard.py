from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0008_shard"),
        ("rehearsals", "0001_bounce"),
    ]

    operations = [
        migrations.AlterField(
            model_name="rehearsal",
            name="goal_id_shown",
            field=models.CharField(blank=True, default="", max_length=32),
        ),
        migrations.AlterField(
            model_name="rehearsal",
            name="public_id",
            field=models.CharField(max_length=32),
        ),
        migrations.AddConstraint(
            model_name="rehearsal",
            constraint=models.UniqueConstraint(fields=("public_id", "partner"), name="rehearsal_by_public_id"),
        ),
    ]
