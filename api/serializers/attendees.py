"""Lists of people that come in: a form with a file, and what became of each of its lines."""

from typing import Any

from rest_framework import serializers

from api.serializers.fields import Choice, Input
from api.serializers.imports import FLAGS, RefusedOutput
from events.models import Registration
from events.operations.enrolling import Enrolled, Outcome


class AttendeeImportInput(Input):
    """A form (multipart): a table whose first line names its columns as the attendee list does."""

    file = serializers.FileField(max_length=200, allow_empty_file=True)
    dry_run = Choice(FLAGS, required=False, help_text="true unless said")


class EnrolledOutput(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True)
    action = serializers.ChoiceField(["created", "unchanged"], help_text="unchanged: registered already")
    status = serializers.ChoiceField(Registration.Status.values, allow_null=True)
    registration = serializers.CharField(allow_null=True, help_text="code of the registration; null in a dry run")


class AttendeeImportOutput(serializers.Serializer[Any]):
    """What the import did, or would do. Each line is in `entries` or in `refused`."""

    dry_run = serializers.BooleanField()
    created = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    entries = EnrolledOutput(many=True)
    refused = RefusedOutput(many=True)
    unknown_columns = serializers.ListField(child=serializers.CharField())


def outcome(done: Outcome, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "created": done.count("created"),
        "unchanged": done.count("unchanged"),
        "entries": [_entry(one, dry_run) for one in done.lines if one.refusal is None],
        "refused": [_refused(one) for one in done.lines if one.refusal is not None],
        "unknown_columns": done.unknown,
    }


def _entry(one: Enrolled, dry_run: bool) -> dict[str, Any]:
    row = one.registration
    return {
        "line": one.line,
        "name": one.name,
        "action": one.action,
        "status": row.status if row else None,
        "registration": row.code if row and not dry_run else None,
    }


def _refused(one: Enrolled) -> dict[str, Any]:
    assert one.refusal is not None
    return {
        "line": one.line,
        "ref": one.name,
        "field": one.refusal.field or "",
        "code": one.refusal.code,
        "detail": one.refusal.message,
    }
