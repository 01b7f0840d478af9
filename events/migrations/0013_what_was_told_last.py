"""What is public today counts as told; from here on webhooks hear of what becomes of it."""

from django.db import migrations


def is_told(apps, schema_editor):
    Change, Event, LastTold = (apps.get_model("events", name) for name in ("Change", "Event", "LastTold"))
    # Registrations' changes get place and position together: what has no position yet must not have a place.
    Change.objects.filter(position__isnull=True, registration__isnull=False).update(place=None)
    seen = Event.objects.filter(status__in=["published", "cancelled"], was_public=True, programme__is_public=True)
    rows = seen.order_by("pk").values_list("pk", "visibility").iterator(chunk_size=2_000)
    LastTold.objects.bulk_create(
        (LastTold(event_id=pk, shown="listed" if visibility == "public" else "unlisted") for pk, visibility in rows),
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [("events", "0012_webhooks")]

    operations = [migrations.RunPython(is_told, migrations.RunPython.noop)]
