"""The same application for servers that speak ASGI."""

import os
import sys

from django.core.asgi import get_asgi_application
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
try:
    application = get_asgi_application()
except ImproperlyConfigured as problem:
    sys.exit(f"Callboard cannot start. {problem}")
