from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("demo", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="demoshop",
            name="goal_id",
            field=models.CharField(blank=True, default="", max_length=32),
        ),
    ]
