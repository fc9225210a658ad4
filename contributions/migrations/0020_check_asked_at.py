from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contributions", "0010_one_attempt_one_row")]

    operations = [
        migrations.AddField(
            model_name="contribution",
            name="check_asked_at",
            field=models.DateTimeField(null=True),
        )
    ]
