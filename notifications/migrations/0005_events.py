"""A partner may have several endpoints, each with an Id of its own; one delivery is one event on its way to one of them."""

import django.db.models.deletion
from django.db import migrations, models

import ids


def name_the_endpoints(apps, schema_editor):
    WebhookEndpoint = apps.get_model("notifications", "WebhookEndpoint")
    for endpoint in WebhookEndpoint.objects.filter(public_id="").iterator():
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(public_id=ids.new_id())


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_events_are_leased")]

    operations = [
        migrations.AlterField(
            "webhookendpoint",
            "partner",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="webhook_endpoints", to="partners.partner"
            ),
        ),
        migrations.AddField("webhookendpoint", "removed_at", models.DateTimeField(null=True)),
        migrations.AddField("webhookendpoint", "public_id", models.CharField(default="", max_length=22)),
        migrations.RunPython(name_the_endpoints, migrations.RunPython.noop),
        migrations.AlterField(
            "webhookendpoint", "public_id", models.CharField(default=ids.new_id, max_length=22, unique=True)
        ),
        migrations.AddField(
            "deliveryattempt",
            "endpoint",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="delivery_attempts",
                to="notifications.webhookendpoint",
            ),
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("lease_token", models.CharField(blank=True, default="", max_length=22)),
                ("lease_until", models.DateTimeField(null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[("Due", "Due"), ("Delivered", "Delivered"), ("GivenUp", "Given Up")],
                        default="Due",
                        max_length=16,
                    ),
                ),
                ("step", models.PositiveIntegerField(default=0)),
                (
                    "event",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="notifications.event",
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="notifications.webhookendpoint",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("due_at__isnull", False)), fields=["endpoint", "due_at"], name="delivery_due"
                    ),
                    models.Index(
                        condition=models.Q(("state", "GivenUp")), fields=["endpoint", "event"], name="delivery_given_up"
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("event", "endpoint"), name="one_delivery_per_endpoint")],
            },
        ),
    ]
