"""What machines speak to: REST, calendars and feeds. Owns no table."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"
