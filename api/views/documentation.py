"""The OpenAPI document and the page that shows it."""

import functools
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularSwaggerSplitView

from api import etags
from api.bodies import dump


@functools.cache
def document() -> bytes:
    """The document as JSON. It depends on nothing but the code."""
    with translation.override("en"):
        return dump(SchemaGenerator().get_schema(request=None, public=True))


def openapi(request: HttpRequest) -> HttpResponse:
    """`/api/schema/`: OpenAPI 3.1."""
    etag = etags.tag(0, document())
    headers = {"ETag": etag, "Access-Control-Allow-Origin": "*", "Cache-Control": "no-cache"}
    if etags.is_known(request, etag):
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(document(), content_type="application/vnd.oai.openapi+json", headers=headers)


class Docs(SpectacularSwaggerSplitView):
    """`/api/docs/`: the document as a page. Its program writes styles into elements, which the usual policy forbids."""

    POLICY = (
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
        " base-uri 'none'; object-src 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    url_name = "schema"

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Content-Security-Policy"] = self.POLICY
        return response
