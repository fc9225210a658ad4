"""/api/schema/openapi.json"""

import json
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from api.openapi.description import describe
from api.schemas import answer_file


@lru_cache(maxsize=1)
def _document(base_url: str) -> bytes:
    from api.urls import urlpatterns  # it names the view below

    return json.dumps(describe(urlpatterns, base_url), ensure_ascii=False, separators=(",", ":")).encode()


def openapi(request: HttpRequest) -> HttpResponse:
    """GET only, without a key."""
    return answer_file(request, lambda: _document(settings.PUBLIC_BASE_URL), "application/json")
