"""`manage.py import_schedule`: somebody's schedule comes into a programme; again is an update, never a duplicate."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from events.importers import guarding, reading
from events.importers.entries import ImportRefused
from events.models import SYSTEM, Programme
from events.operations import importing
from events.operations.drafting import Draft, Refused
from venues.models import Venue

REFUSED = 1


class Command(BaseCommand):
    help = "Reads a schedule into a programme and prints what was created, updated, unchanged and refused, by line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--programme", required=True, metavar="SLUG")
        parser.add_argument("--organization", metavar="SLUG", help="refuse unless the programme is this one's")
        parser.add_argument("--timezone", metavar="ZONE", help="for local times of which the file names no zone")
        parser.add_argument("--format", default="auto", choices=["auto", *reading.FORMATS])
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")
        parser.add_argument("--publish", action="store_true", help="publish what is a draft")
        parser.add_argument("--as", dest="kind", default="events", choices=["events", "closures"],
                            help="closures: the entries close venues")  # fmt: skip
        parser.add_argument("--venue", action="append", default=[], metavar="SLUG",
                            help="with --as closures: which venues; else all of the organization")  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        programme = _programme(options["programme"], options["organization"])
        draft = _read(options)
        outcome = self._close(draft, programme, options) if options["kind"] == "closures" else _take(
            draft, programme, options
        )  # fmt: skip
        self._report(outcome, is_dry=options["dry_run"])
        if outcome.refused:
            sys.exit(REFUSED)

    def _close(self, draft: Draft, programme: Programme, options: dict[str, Any]) -> importing.Outcome:
        venues = list(Venue.objects.filter(owner=programme.organization.uid).order_by("slug"))
        if options["venue"]:
            unknown = set(options["venue"]) - {venue.slug for venue in venues}
            if unknown:
                raise CommandError(f"--venue: {programme.organization} has no venue {min(unknown)}.")
            venues = [venue for venue in venues if venue.slug in options["venue"]]
        if not venues:
            raise CommandError(f"{programme.organization} has no venue that could be closed.")
        return importing.close(draft=draft, venues=venues, actor=SYSTEM, now=timezone.now(), dry_run=options["dry_run"])

    def _report(self, outcome: importing.Outcome, *, is_dry: bool) -> None:
        for one in outcome.refused:
            self.stdout.write(f"refused   {_told(one)}")
        for one in outcome.clashes:
            self.stdout.write(f"clash     {_told(one)}")
        for note in outcome.notes:
            self.stdout.write(f"note      {note}")
        counts = ", ".join(f"{action} {outcome.count(action)}" for action in ("created", "updated", "unchanged"))
        self.stdout.write(f"{outcome.format}: {counts}, refused {len(outcome.refused)}{' (dry run)' if is_dry else ''}")


def _programme(slug: str, organization: str | None) -> Programme:
    programme = Programme.objects.select_related("organization").filter(slug=slug).first()
    if programme is None:
        raise CommandError(f"--programme: there is no programme {slug}.")
    if organization and programme.organization.slug != organization:
        raise CommandError(f"--organization: {slug} belongs to {programme.organization.slug}, not to {organization}.")
    return programme


def _read(options: dict[str, Any]) -> Draft:
    path: Path = options["file"]
    try:
        return guarding.read_guarded(
            path.read_bytes(), filename=path.name, format=options["format"], timezone=options["timezone"]
        )
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.") from error
    except ImportRefused as refusal:
        raise CommandError(f"{path.name}: {refusal.message} ({refusal.code})") from refusal


def _take(draft: Draft, programme: Programme, options: dict[str, Any]) -> importing.Outcome:
    if options["dry_run"]:
        return importing.preview(draft=draft, programme=programme, publish=options["publish"])
    return importing.take(
        draft=draft, programme=programme, actor=SYSTEM, clock=timezone.now, publish=options["publish"]
    )


def _told(one: Refused) -> str:
    where = f"line {one.line}" if one.line else "the file"
    return f"{where} ({one.ref}): {one.field}: {one.detail} [{one.code}]"
