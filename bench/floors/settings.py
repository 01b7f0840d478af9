"""Bare settings: no middleware, the same database with the same options, the models and DRF but none of our code."""

from config.settings import AUTH_USER_MODEL, DATABASES, DEFAULT_AUTO_FIELD, SECRET_KEY, USE_TZ

__all__ = ["AUTH_USER_MODEL", "DATABASES", "DEFAULT_AUTO_FIELD", "SECRET_KEY", "USE_TZ"]

TIME_ZONE = "UTC"
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "bench.floors.urls"
MIDDLEWARE: list[str] = []
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "django_filters",
    "venues",
    "events",
]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "UNAUTHENTICATED_USER": None,
    "UNICODE_JSON": True,
}
