from django.db import migrations, models
from django.db.models import F


def everybody_knows(apps, schema_editor):
    """Nobody gets a mail about what was before mails were sent."""
    apps.get_model("events", "Registration").objects.update(told_status=F("status"))


class Migration(migrations.Migration):

    dependencies = [
        ('events', '0002_capacity_policies'),
    ]

    operations = [
        migrations.AddField(
            model_name='registration',
            name='tell_after',
            field=models.DateTimeField(blank=True, help_text='until then nobody else sends that mail', null=True),
        ),
        migrations.AddField(
            model_name='registration',
            name='told_status',
            field=models.CharField(blank=True, db_default='', default='', help_text='the status that the person knows of: a mail said so, or they did it themselves', max_length=10),
        ),
        migrations.RunPython(everybody_knows, migrations.RunPython.noop, elidable=True),
        migrations.AddIndex(
            model_name='registration',
            index=models.Index(condition=models.Q(('told_status', models.F('status')), _negated=True), fields=['updated_at', 'id'], name='registration_to_be_told'),
        ),
    ]
