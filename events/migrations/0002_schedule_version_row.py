"""The one row of ScheduleVersion."""

from django.db import migrations


def add_row(apps, schema_editor):
    apps.get_model("events", "ScheduleVersion").objects.get_or_create(id=1)


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [migrations.RunPython(add_row, migrations.RunPython.noop)]
