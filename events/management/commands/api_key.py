"""`manage.py api_key`: a new API key, printed once."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from events.errors import DomainError
from events.models import SCOPES, SYSTEM, Organization
from events.operations import keying


class Command(BaseCommand):
    help = "Prints a new API key, once. Send it as `Authorization: Bearer <key>`; it is good for a year at most."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--role", required=True, choices=["owner", "editor", "viewer"])
        parser.add_argument("--name", default="", metavar="TEXT", help="what it is for, as the list of keys shows it")
        parser.add_argument(
            "--scopes", type=_scopes, default=[], metavar="SCOPES",
            help=f"some of {','.join(SCOPES)}, with commas; without, the key may all that its role may",
        )  # fmt: skip
        parser.add_argument("--expires-on", type=_day, metavar="DATE", help="the last day on which it is good")
        parser.add_argument("--requests-per-minute", type=int, metavar="NUMBER", help="unless said, as every key")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            known = ", ".join(Organization.objects.order_by("slug").values_list("slug", flat=True)[:20])
            raise CommandError(
                f"There is no organization {options['organization']!r}. There are: {known or 'none yet'}."
            )
        try:
            _row, secret = keying.issue(
                organization=organization, role=options["role"], name=options["name"][:100],
                scopes=options["scopes"], expires_on=options["expires_on"],
                requests_per_minute=options["requests_per_minute"], actor=SYSTEM, now=timezone.now(),
            )  # fmt: skip
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(secret)


def _scopes(written: str) -> list[str]:
    found = [scope.strip() for scope in written.split(",")]
    if not set(found) <= set(SCOPES):
        raise ArgumentTypeError(f"write some of {','.join(SCOPES)}")
    return found


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as problem:
        raise ArgumentTypeError("write a day like 2027-06-30") from problem
