from django.db import migrations, models

from contributions import append_only


def guard_the_audit_log(apps, schema_editor):
    append_only.install(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('contributions', '0019_lists'),
        ('goals', '0004_goalstate'),
        ('notifications', '0007_events_only_tell'),
        ('partners', '0006_story'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditResult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('seconds', models.FloatField()),
                ('faults', models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='WorkerHeartbeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('worker', models.CharField(max_length=255, unique=True)),
                ('started_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
            ],
        ),
        migrations.AddIndex(
            model_name='dispute',
            index=models.Index(fields=['provider_reference'], name='dispute_by_provider_id'),
        ),
        migrations.AddIndex(
            model_name='ledgerentry',
            index=models.Index(fields=['provider_reference'], name='ledger_entry_by_provider_id'),
        ),
        migrations.AddIndex(
            model_name='providerrequest',
            index=models.Index(fields=['correlation_id'], name='request_by_provider_id'),
        ),
        migrations.AddIndex(
            model_name='refund',
            index=models.Index(fields=['provider_reference'], name='refund_by_provider_id'),
        ),
        migrations.RunPython(guard_the_audit_log, migrations.RunPython.noop),
    ]
