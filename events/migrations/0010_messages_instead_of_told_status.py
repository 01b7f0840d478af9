from django.db import migrations


class Migration(migrations.Migration):
    """What 0008 carried over has no place any more. A reminder may come again where the event has moved."""

    dependencies = [("events", "0009_sign_ins_are_derived")]

    operations = [
        migrations.RemoveIndex(model_name="registration", name="registration_to_be_told"),
        migrations.RemoveField(model_name="registration", name="told_status"),
        migrations.RemoveField(model_name="registration", name="tell_after"),
        migrations.RemoveConstraint(model_name="delivery", name="delivery_once_per_reminder"),
    ]
