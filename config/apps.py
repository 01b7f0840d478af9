"""Wires the parts together and checks the machine they run on."""

from django.apps import AppConfig
from django.core.checks import register

from config.checks import zone_data_comes_from_the_wheel


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        register(zone_data_comes_from_the_wheel)
