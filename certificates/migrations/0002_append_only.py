from django.db import migrations

from contributions import append_only


def protect(apps, schema_editor):
    """Puts all triggers on anew, with those of the certificates' books."""
    append_only.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("certificates", "0001_certificates")]

    operations = [migrations.RunPython(protect, migrations.RunPython.noop)]
