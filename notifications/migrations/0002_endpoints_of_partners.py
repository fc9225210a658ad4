from django.db import migrations

import clock


def move_here(apps, schema_editor):
    Partner = apps.get_model("partners", "Partner")
    WebhookEndpoint = apps.get_model("notifications", "WebhookEndpoint")
    WebhookSecret = apps.get_model("notifications", "WebhookSecret")
    for partner in Partner.objects.exclude(webhook_url="").iterator():
        endpoint = WebhookEndpoint.objects.create(partner=partner, url=partner.webhook_url, created_at=clock.now())
        WebhookSecret.objects.create(
            endpoint=endpoint, secret_encrypted=partner.webhook_secret_encrypted, created_at=clock.now()
        )


class Migration(migrations.Migration):
    """Where partners listen was kept with the partner, before anything was sent there."""

    dependencies = [("notifications", "0001_initial"), ("partners", "0001_initial")]

    operations = [migrations.RunPython(move_here, migrations.RunPython.noop)]
