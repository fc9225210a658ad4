from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0002_webhook_endpoints_elsewhere"),
    ]

    operations = [
        migrations.AddField(
            model_name="partner",
            name="fee_fixed",
            field=models.DecimalField(decimal_places=4, max_digits=16, null=True),
        ),
        migrations.AddField(
            model_name="partner",
            name="fee_percent",
            field=models.DecimalField(decimal_places=4, max_digits=7, null=True),
        ),
    ]
