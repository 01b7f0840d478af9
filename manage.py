#!/usr/bin/env python
"""Callboard's commands. `python manage.py help` lists them."""

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
    except ImproperlyConfigured as problem:
        sys.exit(f"Callboard cannot start. {problem}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
