import django.db.models.deletion
from django.db import migrations, models

from indexes import DropIndexOf


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("notifications", "0008_shard"),
        ("partners", "0010_plans"),
    ]

    operations = [
        DropIndexOf(
            model_name="event",
            name="partner",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="events", to="partners.partner"
            ),
        ),
    ]
