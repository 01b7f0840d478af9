"""`make run`: migrate, load the demo world, serve it, and print where to look."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.urls import reverse
from django.utils import timezone

from events.agendas import stored_halves
from events.models import SYSTEM, Member, Organization, Webhook
from events.notices import chances
from events.operations import hooking, organizing, sequencing, signing_in

Server = subprocess.Popen[bytes]


class Command(BaseCommand):
    help = "Serves the demo until Ctrl+C. PORT, HOST and CALLBOARD_DATA choose where."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("serve is for the demo (CALLBOARD_DEMO=on). See docs/operations.md for the real thing.")
        began = time.monotonic()
        # Stopped by a supervisor is stopped as by Ctrl+C; and a shell that starts us in the background ignores SIGINT.
        for stop in (signal.SIGTERM, signal.SIGINT):
            signal.signal(stop, signal.default_int_handler)
        host, port = os.environ.get("HOST") or "127.0.0.1", os.environ.get("PORT") or "8000"
        refuse_a_taken_port(host, port)
        self.prepare()
        with mail_server() as mails, partner_site(int(port) + 1) as partner, processes(host, port) as (server, worker):
            wait_until_served(server, "127.0.0.1" if host == "0.0.0.0" else host, port)  # noqa: S104  not a binding
            if not worker.is_running():
                raise CommandError("The worker stopped; its reason stands above.")
            self.stdout.write(addresses(time.monotonic() - began, partner))
            connections.close_all()
            while server.poll() is None:
                worker.keep_running()
                for helper in (mails, partner):
                    if helper is not None:
                        helper.keep_running()
                time.sleep(0.5)
            if server.returncode:
                raise CommandError("The web server stopped; its reason stands above.")

    def prepare(self) -> None:
        """The database has every table and the demo world; its calendars are whole, and carry this start's address."""
        call_command("migrate", verbosity=0, interactive=False)
        call_command("demo", stdout=self.stdout)
        tell_our_own_receiver()
        if not are_calendars_whole():
            call_command("render_calendars", verbosity=0)
        settings.DEMO_ADDRESS.write_text(settings.CALLBOARD_URL)


def tell_our_own_receiver() -> None:
    """The demo's first organization has a webhook that leads to /demo/webhooks/, wherever that is this time."""
    url = f"http://{settings.WEBHOOK_EXTRA_TARGETS[-1]}{reverse('arrivals')}"
    organization = Organization.objects.filter(members__isnull=False).order_by("pk").first()
    known = Webhook.objects.filter(organization=organization, url__endswith=reverse("arrivals")).order_by("pk").first()
    if known is not None and known.url != url:
        hooking.amend(webhook=known, fields={"url": url}, actor=SYSTEM, now=timezone.now())
    elif known is None and organization is not None and not Webhook.objects.exists():
        fields = {"url": url, "name": "/demo/webhooks/"}
        sequencing.number_all()  # what the demo world went through before is no news
        hooking.create(organization=organization, fields=fields, actor=SYSTEM, now=timezone.now())


def are_calendars_whole() -> bool:
    """Whether the last start, of perhaps an older Callboard, has left nothing to render."""
    served_at = settings.DEMO_ADDRESS
    has_moved = served_at.exists() and served_at.read_text() != settings.CALLBOARD_URL
    return not has_moved and not stored_halves.are_missing()


def refuse_a_taken_port(host: str, port: str) -> None:
    try:
        socket.create_server((host, int(port))).close()
    except (OSError, OverflowError, ValueError) as problem:
        raise CommandError(
            f"Cannot listen on {host}:{port} ({problem}). Choose another: make run PORT=8080"
        ) from problem


class Helper:
    """A process beside the web processes. One that dies is followed by another."""

    name = ""

    def __init__(self) -> None:
        self.process = self.started()

    def started(self) -> Server:
        raise NotImplementedError

    def is_running(self) -> bool:
        """Waits until it says so, or has stopped."""
        assert self.process.stdout is not None
        return bool(self.process.stdout.readline())

    def keep_running(self) -> None:
        if self.process.poll() is not None:
            print(f"The {self.name} stopped ({self.process.returncode}); starting another one.", flush=True)
            self.stop()
            self.process = self.started()
            if self.is_running():
                print(f"{self.name} running again", flush=True)

    def stop(self) -> None:
        with self.process:
            self.process.terminate()


class Worker(Helper):
    """What is done in the background."""

    name = "worker"

    def started(self) -> Server:
        return subprocess.Popen(
            [sys.executable, "manage.py", "run_worker"], cwd=settings.BASE_DIR, stdout=subprocess.PIPE
        )


class MailServer(Helper):
    """Takes the demo's mails. Its socket is ours, so that mails wait there while one server follows another."""

    name = "mail server"

    def __init__(self, listening: socket.socket) -> None:
        self.listening = listening
        super().__init__()

    def started(self) -> Server:
        number = self.listening.fileno()
        command = [sys.executable, "-m", "config.mail_server", str(number), str(settings.DEMO_MAIL)]
        return subprocess.Popen(  # noqa: S603  our own words
            command, cwd=settings.BASE_DIR, pass_fds=[number], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )


@contextmanager
def mail_server() -> Iterator[MailServer | None]:
    """The demo's own, whose address everything that is started meanwhile finds; none where EMAIL_URL names another."""
    if not settings.DEMO_MAIL_IS_KEPT:
        yield None
        return
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        settings.DEMO_MAIL_SERVER.write_text(f"127.0.0.1:{listening.getsockname()[1]}")
        server = MailServer(listening)
        try:
            yield server
        finally:
            settings.DEMO_MAIL_SERVER.unlink(missing_ok=True)
            server.stop()


class PartnerSite(Helper):
    """A site of somebody else with our list in it. Its socket is ours too."""

    name = "partner's site"

    def __init__(self, listening: socket.socket) -> None:
        self.listening = listening
        self.url = f"http://localhost:{listening.getsockname()[1]}"
        super().__init__()

    def started(self) -> Server:
        number = self.listening.fileno()
        command = [sys.executable, "-m", "config.partner_site", str(number), self.url, settings.CALLBOARD_URL]
        return subprocess.Popen(  # noqa: S603  our own words
            command, cwd=settings.BASE_DIR, pass_fds=[number], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )


@contextmanager
def partner_site(port: int) -> Iterator[PartnerSite | None]:
    """At another origin than ours; none where something else listens there, which is no reason not to start."""
    try:
        listening = socket.create_server(("127.0.0.1", port), backlog=128)
    except (OSError, OverflowError) as problem:
        print(f"Cannot listen on localhost:{port} ({problem}): the demo goes on without a partner's site.", flush=True)
        yield None
        return
    with listening:
        site = PartnerSite(listening)
        name_partner_site(site.url)
        try:
            yield site
        finally:
            site.stop()


def name_partner_site(url: str) -> None:
    """The demo's film council names this site as its own, in place of those of earlier starts."""
    council = Organization.objects.filter(slug="kofic").first()
    if council is None or url in council.sites:
        return
    others = [site for site in council.sites if not site.startswith("http://localhost:")]
    organizing.amend(organization=council, fields={"sites": [*others, url]}, now=timezone.now())


@contextmanager
def processes(host: str, port: str) -> Iterator[tuple[Server, Worker]]:
    """The web processes and the worker, stopped when the block is left, however it is left."""
    command = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn", "--bind", f"{host}:{port}"]
    server = subprocess.Popen([*command, "config.wsgi"])  # noqa: S603  our own words and a port that was listened on
    worker = Worker()
    try:
        yield server, worker
    except KeyboardInterrupt:
        print("\nStopped. The data is kept; `make reset` starts over.")
    finally:
        for stop in (signal.SIGTERM, signal.SIGINT):  # a supervisor may say it to each of us, and to the group as well
            signal.signal(stop, signal.SIG_IGN)
        server.terminate()
        worker.stop()
        server.wait()


def wait_until_served(server: Server, host: str, port: str) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise CommandError("The web server stopped; its reason stands above.")
        try:
            urllib.request.urlopen(f"http://{host}:{port}/health/ready", timeout=5).close()
        except OSError:  # nobody listens yet, or the first answer takes long
            time.sleep(0.1)
        else:
            return
    raise CommandError("The web server did not answer within 30 seconds.")


def addresses(seconds: float, partner: PartnerSite | None) -> str:
    url = settings.CALLBOARD_URL
    rows = [
        ("Programme", f"{url}/ko/events/   English: {url}/en/events/"),
        ("API", f"{url}/api/docs/   another key: .venv/bin/python manage.py api_key --organization SLUG --role editor"),
        ("Calendar", f"{url}/calendars/sessions.ics?when=upcoming"),
        ("Webhooks", f"{url}/demo/webhooks/   what a partner is told"),
        *([("Embed demo", f"{partner.url}/partner.html   our list on a partner's site")] if partner else []),
        *([("Mailbox", f"{url}/demo/mailbox/   every mail of the demo")] if settings.DEMO_MAIL_IS_KEPT else []),
        *(("Sign in", f"{link}   once, as {name}") for name, link in sign_in_links()),
    ]
    head = f"Callboard: Grow Creative at BIFF (demo data) is ready in {seconds:.1f} s"
    lines = [
        head,
        *(f"  {name:<10} {text}" for name, text in rows),
        f"worker running; {mails()}",
        "Ctrl+C stops it.",
        "",
    ]
    return "\n".join(lines)


def mails() -> str:
    kept, host = settings.DEMO_MAIL_IS_KEPT, getattr(settings, "EMAIL_HOST", "")
    return f"its mails lie in {settings.DEMO_MAIL}" if kept else f"its mails go to {host}"


def sign_in_links() -> list[tuple[str, str]]:
    """One-time links for one member of each role of the demo's first organization."""
    members = Member.objects.select_related("person", "organization").order_by("organization_id", "role", "pk")
    first = members.first()
    chosen = {member.role: member for member in members.filter(organization=first.organization)} if first else {}
    return [(f"{role} of {member.organization}", sign_in_link(member)) for role, member in sorted(chosen.items())]


def sign_in_link(member: Member) -> str:
    chance = signing_in.chance(door="organize", key=member.person.email_key, now=timezone.now())
    return chances.link_url(chance)
