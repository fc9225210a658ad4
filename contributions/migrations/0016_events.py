"""The table of events was made anew: on SQLite its guards went with it."""

from django.db import migrations

from contributions import append_only


def guard(apps, schema_editor):
    append_only.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("contributions", "0015_giftfields"), ("notifications", "0007_events_only_tell")]

    operations = [migrations.RunPython(guard, migrations.RunPython.noop)]
