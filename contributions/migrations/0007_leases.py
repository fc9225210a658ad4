"""The columns of a lease have the names that the code uses: lease_token, lease_until, due_at, attempts."""

from django.db import migrations, models

NAMES = {"claim_token": "lease_token", "claimed_until": "lease_until", "follow_up_at": "due_at", "follow_ups": "attempts"}  # nosec B105 - names of columns
INDEXES = {"contribution": "contribution_due", "refund": "refund_due"}


class Migration(migrations.Migration):
    dependencies = [("contributions", "0006_the_giver_picks")]

    operations = [
        *(migrations.RemoveIndex(model_name=model, name=index) for model, index in INDEXES.items()),
        *(migrations.RenameField(model, old, new) for model in INDEXES for old, new in NAMES.items()),
        *(
            migrations.AddIndex(
                model_name=model,
                index=models.Index(fields=["due_at"], name=index, condition=models.Q(due_at__isnull=False)),
            )
            for model, index in INDEXES.items()
        ),
    ]
