from django.db import migrations, models


class Migration(migrations.Migration):
    """Partners are live or in test. Which of the two those are that there are already: contributions/0017_mode."""

    dependencies = [
        ("partners", "0003_fees"),
    ]

    operations = [
        migrations.AddField(
            model_name="partner",
            name="is_test",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="partner",
            name="name",
            field=models.CharField(max_length=255),
        ),
        migrations.AddConstraint(
            model_name="partner",
            constraint=models.UniqueConstraint(fields=("name", "is_test"), name="one_partner_per_name_and_mode"),
        ),
    ]
