"""`manage.py audit`: replay the seat ledger and every invariant; exit 1 and one line for each break."""

import json
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from events.reports import audit


class Command(BaseCommand):
    help = "Replays ledger and invariants over the whole database. Exit 1, and one line for each break."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON document instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        breaks = list(audit.run(now=timezone.now()))
        if options["json"]:
            rules = [rule.__name__ for rule in audit.RULES]
            report = {"rules": rules, "breaks": [asdict(found) for found in breaks]}
            self.stdout.write(json.dumps(report, ensure_ascii=False, indent=2))
        else:
            for found in breaks:
                self.stdout.write(str(found))
            self.stdout.write(f"{len(audit.RULES)} rules, {len(breaks)} breaks.")
        if breaks:
            sys.exit(1)
