"""Every address: operators' first, then machines', then people's."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from config import health

urlpatterns = [
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("admin/", admin.site.urls),
    path("", include("api.urls")),
    path("", include("pages.urls")),
    *i18n_patterns(path("", include("pages.public.urls"))),
]

handler400 = "config.failures.bad_request"
handler500 = "config.failures.server_error"
