"""A receiver of Callboard's webhooks as a Django view, with the public library (pip install standardwebhooks).

    urlpatterns = [path("webhooks/callboard/", callboard)]
    CALLBOARD_SECRETS = ["whsec_..."]  # in the settings; two while a secret is exchanged for another

What it has seen lies in Django's cache here: have one that all processes share (Redis, Memcached, the database).
"""

import json
import logging

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from standardwebhooks import Webhook, WebhookVerificationError

A_MONTH = 30 * 24 * 3600

log = logging.getLogger("callboard.webhooks")


@csrf_exempt
@require_POST
def callboard(request: HttpRequest) -> HttpResponse:
    if not is_genuine(request):
        return HttpResponse(status=401)
    take(request.headers["webhook-id"], json.loads(request.body))
    return HttpResponse(status=204)


def is_genuine(request: HttpRequest) -> bool:
    """Whether Callboard sent exactly this within the last five minutes."""
    for secret in settings.CALLBOARD_SECRETS:
        try:
            Webhook(secret).verify(request.body, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError):  # ValueError: headers or bytes that nobody signs
            continue
        return True
    return False


def take(message_id: str, message: dict) -> None:
    """Each message once; and of two about the same thing never the older one after the newer one."""
    if cache.get(f"callboard:seen:{message_id}"):
        return  # sent again because our answer was lost
    data = message["data"]
    thing = f"callboard:seq:{data['session'] or data['event_uid'] or 'all'}"
    if data["seq"] > cache.get(thing, 0):
        refresh(message["type"], data)  # if this fails we answer 500, and Callboard sends it again
        cache.set(thing, data["seq"], None)
    cache.set(f"callboard:seen:{message_id}", True, A_MONTH)


def refresh(kind: str, data: dict) -> None:
    """Yours: read data["url"], which says what is so now, and show it. Better in a task: answer within ten seconds."""
    log.info(json.dumps({"type": kind, "seq": data["seq"], "url": data["url"]}))
