"""Imports in JSON: a file and how to read it, and what became of each of its entries."""

from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from api.serializers.fields import Choice, Input, Slug, Text, Zone
from events.importers import reading
from events.operations.drafting import Refused
from events.operations.importing import Outcome

FLAGS = ("true", "false")


class ImportInput(Input):
    """A form (multipart): the file, the programme that takes it, and how. It writes only with `dry_run=false`."""

    file = serializers.FileField(max_length=200, allow_empty_file=True)
    programme = Slug()
    format = Choice(("auto", *reading.FORMATS), required=False)
    timezone = Zone(required=False)
    dry_run = Choice(FLAGS, required=False, help_text="true unless said")
    publish = Choice(FLAGS, required=False, help_text="publish what is a draft; false unless said")
    kind = Choice(("events", "closures"), required=False, help_text="closures: the entries close venues")
    venue = Text(max_length=1_000, required=False, help_text="for closures: slugs, comma-separated; else all venues")


class ImportedOutput(serializers.Serializer[Any]):
    line = serializers.IntegerField(allow_null=True)
    source_id = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    action = serializers.ChoiceField(["created", "updated", "unchanged"])
    event = serializers.SlugField(allow_null=True)


class RefusedOutput(serializers.Serializer[Any]):
    line = serializers.IntegerField(allow_null=True)
    ref = serializers.CharField(allow_blank=True)
    field = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    detail = serializers.CharField()


class ImportOutput(serializers.Serializer[Any]):
    """What the import did, or would do. Each entry of the file is in `entries` or in `refused`.

    `clashes` belong to entries that were kept, but not as the file has them: without their room, for one.
    """

    format = serializers.CharField()
    dry_run = serializers.BooleanField()
    created = serializers.IntegerField()
    updated = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    entries = ImportedOutput(many=True)
    refused = RefusedOutput(many=True)
    clashes = RefusedOutput(many=True)
    notes = serializers.ListField(child=serializers.CharField())


def outcome(done: Outcome, *, dry_run: bool) -> dict[str, Any]:
    return {
        "format": done.format,
        "dry_run": dry_run,
        **{action: done.count(action) for action in ("created", "updated", "unchanged")},
        "entries": [
            {
                "line": entry.line,
                "source_id": entry.source_id,
                "title": entry.title,
                "action": entry.action,
                "event": entry.slug or None,
            }
            for entry in done.entries
        ],
        "refused": [_refused(one) for one in done.refused],
        "clashes": [_refused(one) for one in done.clashes],
        "notes": list(done.notes),
    }


def _refused(one: Refused) -> dict[str, Any]:
    return asdict(one)
