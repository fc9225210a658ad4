"""Goals of the service's own, to which gift certificates are paid."""

import django.db.models.deletion
from django.db import migrations, models

from partners.filling import put_aside_to_undo

PUT_BACK, PUT_ASIDE = put_aside_to_undo("goals_paymentaccount")


class Migration(migrations.Migration):
    """A column that may be empty: SQLite adds it to the table as it is, and processes of the release before go on."""

    dependencies = [("goals", "0007_local")]

    operations = [
        PUT_BACK,
        migrations.AddField(
            "savinggoal",
            "certificates_of",
            models.ForeignKey(
                db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="goals.payee"
            ),
        ),
        PUT_ASIDE,
    ]
