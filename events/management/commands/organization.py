"""`manage.py organization`: the first organization and its owner, outside the demo."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug
from django.utils import timezone

from events.errors import DomainError
from events.notices import chances
from events.operations import organizing, signing_in
from events.operations.drafting import column_language


class Command(BaseCommand):
    help = "Makes an organization with its first owner, and prints a link by which the owner signs in once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", metavar="SLUG")
        parser.add_argument("--name", required=True, metavar="TEXT")
        parser.add_argument("--owner", required=True, metavar="EMAIL")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        try:
            validate_slug(options["slug"])
            name = options["name"].strip()[:200]
            fields = {"slug": options["slug"], f"title_{column_language(name)}": name}
            _organization, owner = organizing.found(fields=fields, owner_email=options["owner"], now=now)
        except ValidationError as error:
            raise CommandError(f"SLUG: {error.messages[0]}") from error
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        chance = signing_in.chance(door="organize", key=owner.email_key, now=now)
        self.stdout.write(chances.link_url(chance))
