"""`manage.py api_key`: a new API key, printed once."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from events.models import Organization
from events.operations import organizing


class Command(BaseCommand):
    help = "Prints a new API key, once. Send it as `Authorization: Bearer <key>`; it is good for a year."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--role", required=True, choices=["owner", "editor", "viewer"])
        parser.add_argument("--name", default="", metavar="TEXT", help="what it is for, as the list of keys shows it")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            known = ", ".join(Organization.objects.order_by("slug").values_list("slug", flat=True)[:20])
            raise CommandError(
                f"There is no organization {options['organization']!r}. There are: {known or 'none yet'}."
            )
        _row, secret = organizing.issue_key(
            organization=organization, role=options["role"], name=options["name"][:100], now=timezone.now()
        )
        self.stdout.write(secret)
