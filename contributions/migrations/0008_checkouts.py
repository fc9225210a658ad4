"""Checkout, one attempt to pay a contribution, gets a table of its own. Rows follow in 0009, old columns go in 0010."""

import django.db.models.deletion
from django.db import migrations, models

from contributions import append_only


def guard_the_books_again(apps, schema_editor):
    """SQLite makes a changed table anew, without its triggers."""
    append_only.uninstall(schema_editor.connection)
    append_only.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [
        ("contributions", "0007_leases"),
        ("goals", "0001_initial"),
    ]

    operations = [
        migrations.RemoveConstraint("contribution", "nothing_is_paid_to_nobody"),
        migrations.RenameField("contribution", "checkout_id", "provider_checkout_id"),
        migrations.CreateModel(
            name="Checkout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lease_token", models.CharField(blank=True, default="", max_length=22)),
                ("lease_until", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("number", models.PositiveSmallIntegerField(default=1)),
                ("adapter", models.CharField(blank=True, default="", max_length=16)),
                ("capture_policy", models.CharField(choices=[("Immediate", "Immediate"), ("OnGoalReached", "On Goal Reached"), ("Manual", "Manual")], max_length=16)),
                ("stage", models.CharField(choices=[("recorded", "Recorded"), ("open", "Open"), ("approved", "Approved"), ("held", "Held"), ("taken", "Taken"), ("over", "Over")], default="recorded", max_length=8)),
                ("provider_checkout_id", models.CharField(blank=True, db_index=True, default="", max_length=255)),
                ("url", models.CharField(blank=True, default="", max_length=2000)),
                ("payment_reference", models.CharField(blank=True, db_index=True, default="", max_length=255)),
                ("payee_id", models.CharField(blank=True, default="", max_length=64)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("hold_expires_at", models.DateTimeField(null=True)),
                ("account", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="checkouts", to="goals.paymentaccount")),
                ("contribution", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="checkouts", to="contributions.contribution")),
            ],
        ),
        migrations.AddField(
            "contribution",
            "checkout",
            models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="current_of", to="contributions.checkout"),
        ),
        migrations.AddField(
            "contribution",
            "intent",
            models.CharField(choices=[("collect", "Collect"), ("capture", "Capture"), ("release", "Release")], default="collect", max_length=8),
        ),
        migrations.AddField("contribution", "intent_reason", models.CharField(blank=True, default="", max_length=64)),
        *(
            migrations.AddField(model, "checkout_number", models.PositiveSmallIntegerField(default=1))
            for model in ("ledgerentry", "refund", "providerrequest")
        ),
        migrations.RunPython(guard_the_books_again),
    ]
