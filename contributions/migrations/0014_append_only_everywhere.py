"""What the books rest on cannot be deleted, replaced or given another identity either."""

from django.db import migrations

from contributions import append_only


def guard(apps, schema_editor):
    append_only.install(schema_editor.connection)


def unguard(apps, schema_editor):
    append_only.uninstall(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("contributions", "0013_platform_fees"), ("notifications", "0004_events_are_leased")]

    operations = [migrations.RunPython(guard, unguard)]
