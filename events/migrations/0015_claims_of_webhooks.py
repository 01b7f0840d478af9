"""A claim's end and a pause's are two times, and each message has its own end."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0014_keys_with_scopes")]

    operations = [
        migrations.AddField(
            model_name="webhook",
            name="claimed_until",
            field=models.DateTimeField(blank=True, help_text="by the database's clock", null=True),
        ),
        migrations.AddField(
            model_name="webhookmessage",
            name="gives_up_at",
            field=models.DateTimeField(default=django.utils.timezone.now, help_text="so long it is tried"),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="webhook",
            name="not_before",
            field=models.DateTimeField(blank=True, help_text="the end of a pause, by the database", null=True),
        ),
    ]
