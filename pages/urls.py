"""Addresses for people that carry no language; those that do are in pages.public.urls."""

from django.contrib.sitemaps.views import sitemap
from django.urls import include, path
from django.views.i18n import set_language

from pages.arrivals import views as arrivals
from pages.embeds import oembed
from pages.mailbox import views as mailbox
from pages.organizer import sign_in, start
from pages.public import front
from pages.public.sitemaps import SITEMAPS

urlpatterns = [
    path("", front.by_language),
    path("robots.txt", front.robots),
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="django.contrib.sitemaps.views.sitemap"),
    path("language/", set_language, name="set-language"),
    path("embed/", include("pages.embeds.urls")),
    path("oembed/", oembed.oembed, name="oembed"),
    path("demo/webhooks/", arrivals.receiver, name="arrivals"),
    path("demo/mailbox/", mailbox.mailbox_page, name="mailbox"),
    path("demo/mailbox/<slug:name>/", mailbox.letter_page, name="mailbox-letter"),
    path("demo/mailbox/<slug:name>/html/", mailbox.html_page, name="mailbox-html"),
    path("demo/mailbox/<slug:name>/raw/", mailbox.raw_file, name="mailbox-raw"),
    path("demo/mailbox/<slug:name>/parts/<int:number>/", mailbox.part_file, name="mailbox-part"),
    path("organize/", start.start_page, name="organize"),
    path("organize/sign-in/", sign_in.address_page, name="sign-in"),
    path("organize/sign-in/code/", sign_in.code_page, name="sign-in-code"),
    path("organize/sign-in/<str:link>/", sign_in.link_page, name="sign-in-link"),
    path("organize/sign-out/", sign_in.sign_out, name="sign-out"),
    path("organize/events/<slug:slug>/", include("pages.organizer.urls")),
    path("organize/programmes/<slug:slug>/", include("pages.organizer.programme_urls")),
    path("organize/organizations/<slug:slug>/", include("pages.organizer.organization_urls")),
]
