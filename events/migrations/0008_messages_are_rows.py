"""What a registration's person had to hear was a status that they did not know of; now it is a message of its own."""

from django.db import migrations, models


def turn_into_messages(apps, schema_editor):
    registrations = apps.get_model("events", "Registration").objects
    change, delivery = apps.get_model("events", "Change"), apps.get_model("events", "Delivery")
    untold = registrations.exclude(told_status=models.F("status")).order_by("pk").iterator(chunk_size=500)
    for row in untold:
        kind = f"registration.{row.status}"
        latest = change.objects.filter(registration=row, kind=kind).order_by("-pk").first()
        if latest is not None:
            delivery.objects.create(
                channel="mail",
                lane="mail",
                kind=kind,
                organization_id=latest.organization_id,
                change=latest,
                registration=row,
                created_at=latest.at,
            )


class Migration(migrations.Migration):
    dependencies = [("events", "0007_calendar_links")]

    operations = [
        # Alone in its transaction: PostgreSQL alters no table to which rows were just added (0010 does the rest).
        migrations.RunPython(turn_into_messages, migrations.RunPython.noop),
    ]
