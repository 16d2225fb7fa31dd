"""What holds for every page: it is its reader's alone, in their time zone, and text holds no NUL."""

from collections.abc import Callable, Iterator

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.cache import patch_cache_control

from accounts.models import User


def in_own_time(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Stands after the authentication middleware. Somebody not signed in reads in `settings.TIME_ZONE`."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with timezone.override(request.user.zone if isinstance(request.user, User) else None):
            return get_response(request)

    return middleware


def for_its_reader(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Stands after the authentication middleware. No cache answers for us: after signing out nothing is shown again."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        return response

    return middleware


def without_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Refuses a NUL byte in an address or a form: no page sends one, and PostgreSQL stores none."""

    def middleware(request: HttpRequest) -> HttpResponse:
        sent = [request.path_info, *_texts(request.GET), *_texts(request.POST)]
        if any("\0" in text for text in sent):
            raise BadRequest("The request holds a NUL byte.")
        return get_response(request)

    return middleware


def _texts(sent: QueryDict) -> Iterator[str]:
    for name, values in sent.lists():
        yield name
        yield from map(str, values)
