"""What people speak to: server-made pages in Korean and English. Owns no table."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "pages"
