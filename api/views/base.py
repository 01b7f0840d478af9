"""What every view of the API shares: who asks, in which language, and the ways to answer."""

from collections.abc import Callable, Mapping
from collections.abc import Collection as Names
from datetime import datetime
from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAuthenticated
from rest_framework.views import APIView

from api import afterwards, errors, etags, pagination
from api.bodies import JSON, dump
from api.idempotency import claim_of
from api.serializers.fields import Input
from api.views import references
from events import policies
from events.errors import NotFound
from events.filters import FilterRefused
from events.models import ANONYMOUS, LANGUAGES, Actor, ApiKey, Organization
from events.operations import metering, repeating

# Scopes that open a door, by verb: what makes registrations or takes them back, what was made so, and what is read.
Scopes = Mapping[str, tuple[str, ...]]
MAKING: Scopes = {"POST": ("register", "allotment")}
OWN: Scopes = {"GET": ("register", "allotment")}
READING: Scopes = {"GET": ("read",)}
CLOSED: Scopes = {}
VARY = ("Accept-Language", "Authorization", "Cookie")


class View(APIView):
    """Order of refusals: 401 for a wrong key, 403 for one whose scopes do not open this, 404, 401 or 403, 400."""

    output: ClassVar[Any] = None
    takes: ClassVar[Input | None] = None
    changes: ClassVar[Input | None] = None
    asks: ClassVar[Mapping[str, str]] = {}
    is_registering: ClassVar[bool] = False
    is_revised: ClassVar[bool] = True  # as documented: whether a write looks at If-Match
    open_to_all: ClassVar[frozenset[str]] = frozenset({"GET"})  # as documented: what needs no credential at all
    # Which scopes open it to an API key that has some, by verb; the first is the one that is named. What is not here
    # no scope opens, but for reading what is open to all. docs/decisions/0031
    scopes: ClassVar[Scopes] = CLOSED
    is_secret: ClassVar[bool] = False  # whether the address itself is what opens it

    actor: Actor
    language: str
    now: datetime
    registered = 0  # people, by this request: what the meter of keys counts

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.actor = request.auth
        self.now = timezone.now()
        asked = request.GET.get("lang")
        if asked in LANGUAGES:
            translation.activate(asked)  # the locale middleware chose by Accept-Language; it chooses anew next time
        self.language = get_language() or "ko"
        self.refuse_closed_to_scopes()

    def refuse_closed_to_scopes(self) -> None:
        """A key with scopes does nothing but what one of them opens, whatever the address names."""
        needed = self.scopes_for(str(self.request.method))
        if needed is not None:
            policies.refuse_without_scope(self.actor, needed)

    @classmethod
    def scopes_for(cls, method: str) -> tuple[str, ...] | None:
        """The scopes that open it to a key that has some, any one of them; None: that needs none."""
        verb = "GET" if method == "HEAD" else method
        is_free = verb == "OPTIONS" or (verb == "GET" and "GET" in cls.open_to_all and not cls.is_secret)
        if verb not in cls.scopes and (is_free or not hasattr(cls, verb.lower())):
            return None
        return cls.scopes.get(verb, ())

    def options(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """What may be done here; a browser asks it before it reads from another site with If-None-Match."""
        headers = {
            "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
            "Access-Control-Allow-Headers": "If-None-Match",
            "Access-Control-Max-Age": "86400",
        }
        return HttpResponse(status=204, headers=headers)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(response, VARY)
        for name, value in getattr(request, "limits", {}).items():
            response.headers[name] = value
        is_known = getattr(self, "actor", ANONYMOUS).kind != "anonymous"
        if is_known:
            patch_cache_control(response, private=True)
        is_public = "GET" in self.open_to_all and not self.is_secret and not is_known
        if is_public and request.method in ("GET", "HEAD", "OPTIONS"):
            # A page elsewhere sees what everybody sees.
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Access-Control-Expose-Headers"] = "ETag, RateLimit, RateLimit-Policy, Retry-After"
        return self._metered(response)

    def _metered(self, response: Any) -> Any:
        """The same response; a request by a key is counted, and once a minute written down after its answer."""
        key = self.request.__dict__.get("_user")  # whoever was refused before, asking would refuse once more
        if isinstance(key, ApiKey):
            now = getattr(self, "now", None) or timezone.now()
            is_refused = response.status_code >= 400
            people = 0 if is_refused else self.registered
            if metering.count(key=key, now=now, is_refused=is_refused, registrations=people):
                return afterwards.then(response, lambda: metering.write_down(now=now))
        return response

    def allow(self, allowed: bool) -> None:
        """401 for nobody known, 403 for somebody whose role does not allow it."""
        if not allowed and self.actor.kind == "anonymous":
            raise NotAuthenticated(_("Send an API key, or sign in."))
        policies.refuse_unless(allowed)

    def found(self, queryset: QuerySet[Any], **key: Any) -> Any:
        """The one object that the actor may see, or NotFound."""
        thing = queryset.filter(**key).first()
        if thing is None:
            self.missing()
        return thing

    def missing(self) -> NoReturn:
        raise NotFound(errors.not_found())

    def body(self, shape: Input) -> dict[str, Any]:
        self.refuse_unknown_parameters()
        return shape.read(self.request.data)

    def refuse_unknown_parameters(self) -> None:
        """RULES 19: a parameter that nobody knows is a 400, never silently everything."""
        refuse_unknown(self.request, self.asks)

    def expected_revision(self, actual: int) -> int | None:
        return etags.expected_revision(self.request, actual)

    def one(self, body: Mapping[str, Any], *, is_private: bool = False) -> HttpResponse:
        """One object with its ETag; 304 when the caller has it."""
        if self.request.method in ("GET", "HEAD"):
            self.refuse_unknown_parameters()
        answer = answered(self.request, body)
        if is_private:
            answer.headers["Cache-Control"] = "private, no-store"
        return answer

    def creating(self, make: Callable[[], dict[str, Any]], *, status: int = 201) -> HttpResponse:
        """201 with what was made, or 200 with what was done, once for each Idempotency-Key."""
        claim = claim_of(self.request, self.actor)
        outcome = repeating.once(claim=claim, act=lambda: repeating.Outcome(status, make()), now=self.now)
        return created(self.request, outcome)


class Collection(View):
    """A list of what the actor may see. `orders`: what it can be ordered by; the first is the usual one.

    `besides`: as documented, what stands beside the rows of a list that can be followed.
    """

    orders: ClassVar[Mapping[str, pagination.Order]] = {}
    besides: ClassVar[Mapping[str, Any]] = {}
    usual: ClassVar[str] = ""

    def orderings(self) -> Mapping[str, pagination.Order]:
        return self.orders

    def rows(self) -> QuerySet[Any]:
        raise NotImplementedError

    def fetch(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows

    def shown(self, rows: list[Any]) -> list[dict[str, Any]]:
        raise NotImplementedError

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.refuse_unknown_parameters()
        return self.listing(self.rows())

    def refuse_unknown_parameters(self) -> None:
        is_list = self.request.method in ("GET", "HEAD")
        refuse_unknown(self.request, {*self.asks, *pagination.PARAMETERS} if is_list else ())

    @classmethod
    def documented_orders(cls) -> list[str]:
        return list(cls.orders)

    def listing(self, rows: QuerySet[Any]) -> HttpResponse:
        orders = self.orderings()
        page = pagination.page(
            request=self.request, queryset=rows, orders=orders, usual=self.usual or next(iter(orders)), fetch=self.fetch
        )
        return answer({"next": page.next, "previous": page.previous, "results": self.shown(page.rows)})

    def asked(self, name: str, queryset: QuerySet[Any]) -> Any:
        """The thing that a parameter names; FilterRefused for one that does not exist."""
        thing = queryset.filter(slug=self.request.GET[name]).first() if "\x00" not in self.request.GET[name] else None
        if thing is None:
            raise FilterRefused({name: [_("There is no “%(value)s”.") % {"value": self.request.GET[name][:80]}]})
        return thing

    def narrowed(self, rows: QuerySet[Any], name: str, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """`rows` that belong to the thing that the parameter names, where it is given."""
        return rows.filter(**{name: self.asked(name, queryset)}) if name in self.request.GET else rows

    def one_of(self, name: str, allowed: list[str]) -> str:
        """The value of a parameter that takes a few words; FilterRefused for another one."""
        value: str = self.request.GET[name]
        if value not in allowed:
            raise FilterRefused({name: [_("Write one of %(known)s.") % {"known": ", ".join(allowed)}]})
        return value

    def planning_body(self, shape: Input) -> dict[str, Any]:
        """The values of a new thing of an organization, which the actor must plan for."""
        self.allow(policies.can_name_topics(self.actor))
        values = self.body(shape)
        values["organization"] = references.named(Organization.objects.all(), values["organization"], "organization")
        self.allow(policies.can_plan_for(self.actor, values["organization"]))
        return values


def refuse_unknown(request: HttpRequest, known: Names[str]) -> None:
    query = request.GET
    wrong = {name: [_("There is no such parameter.")] for name in query if name not in known and name != "lang"}
    if query.get("lang", "ko") not in LANGUAGES:
        wrong["lang"] = [_("Write ko or en.")]
    if wrong:
        raise FilterRefused(wrong)


def answer(body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    return HttpResponse(
        dump(body), status=status, content_type=JSON, headers={"Cache-Control": "no-cache"} | dict(headers or {})
    )


def answered(request: HttpRequest, body: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    """One object with its ETag, or a 304."""
    data = dump(body)
    etag = etags.tag(body.get("revision", 0), data)
    headers = {"ETag": etag, "Cache-Control": "no-cache"}
    if status == 200 and request.method in ("GET", "HEAD") and etags.is_known(request, etag):
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(data, status=status, content_type=JSON, headers=headers)


def created(request: HttpRequest, outcome: repeating.Outcome) -> HttpResponse:
    made = answered(request, outcome.body, status=outcome.status)
    name = outcome.body.get("slug") or outcome.body.get("uid")
    if name and outcome.status == 201:
        made.headers["Location"] = f"{settings.CALLBOARD_URL}{request.path}{name}/"
    if outcome.is_replay:
        made.headers["Idempotency-Replayed"] = "true"
    return made
