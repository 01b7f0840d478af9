import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0013_what_was_told_last"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKeyUsage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("requests", models.PositiveBigIntegerField(default=0)),
                (
                    "refused",
                    models.PositiveBigIntegerField(default=0, help_text="of these, answered with 400 or above"),
                ),
                ("registrations", models.PositiveBigIntegerField(default=0, help_text="made through the key")),
            ],
            options={
                "verbose_name": "use of an API key",
                "verbose_name_plural": "uses of API keys",
            },
        ),
        # First without a default: keys that are there already must not all be of one line.
        migrations.AddField(
            model_name="apikey",
            name="line",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="apikey",
            name="line",
            field=models.UUIDField(default=uuid.uuid4, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="apikey",
            name="replaces",
            field=models.OneToOneField(
                blank=True,
                help_text="the key that was rotated into this one",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="successor",
                to="events.apikey",
            ),
        ),
        migrations.AddField(
            model_name="apikey",
            name="requests_per_minute",
            field=models.PositiveIntegerField(blank=True, help_text="none: as every key", null=True),
        ),
        migrations.AddField(
            model_name="apikey",
            name="scopes",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="read, register, allotment; none: its role",
                max_length=40,
            ),
        ),
        migrations.AddField(
            model_name="registration",
            name="made_through",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="the API key that made it",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="registrations",
                to="events.apikey",
            ),
        ),
        migrations.AddIndex(
            model_name="registration",
            index=models.Index(
                condition=models.Q(("made_through__isnull", False)),
                fields=["made_through", "id"],
                name="registration_made_through_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "scopes__in",
                        [
                            "",
                            "read",
                            "register",
                            "allotment",
                            "read register",
                            "read allotment",
                            "register allotment",
                            "read register allotment",
                        ],
                    )
                ),
                name="api_key_scopes_are_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="apikey",
            constraint=models.CheckConstraint(
                condition=models.Q(("scopes", ""), ("line__isnull", False), _connector="OR"),
                name="api_key_with_scopes_has_a_line",
            ),
        ),
        migrations.AddField(
            model_name="apikeyusage",
            name="key",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="usage", to="events.apikey"
            ),
        ),
        migrations.AddConstraint(
            model_name="apikeyusage",
            constraint=models.UniqueConstraint(fields=("key", "day"), name="api_key_usage_once_a_day"),
        ),
    ]
