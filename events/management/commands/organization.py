"""`manage.py organization`: the first organization and its owner, outside the demo."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_slug
from django.utils import timezone

from events.errors import DomainError
from events.operations import organizing


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
            fields = {"slug": options["slug"], **_titles(options["name"].strip())}
            _organization, owner = organizing.found(fields=fields, owner_email=options["owner"], now=now)
        except ValidationError as error:
            raise CommandError(f"SLUG: {error.messages[0]}") from error
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        chance = organizing.chance(person=owner, now=now)
        self.stdout.write(f"{settings.CALLBOARD_URL}/organize/?login={chance.link}")


def _titles(name: str) -> dict[str, str]:
    """A name with Korean letters is the Korean one, any other the English one."""
    is_korean = any("가" <= letter <= "힣" for letter in name)
    return {"title_ko" if is_korean else "title_en": name[:200]}
