"""Doors: one guard in front of every page of an audience.

Root `urls.py` mounts each app's `urls/<audience>.py` through `door`, so no view can forget its
guard. A guarded view carries its audience in `view.door`; `mounted` lists them all, and `opens`
says whether the door of a page would let somebody in.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, wraps
from inspect import iscoroutinefunction
from typing import Any, cast
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, URLResolver, get_resolver, get_urlconf, include

View = Callable[..., HttpResponseBase]
Urls = list[URLPattern | URLResolver]


@dataclass(frozen=True)
class Door:
    """A guard by name: the audience, and who belongs to it.

    `predicate(person, **address)` is asked on every request with the signed-in person and the
    arguments in the address, so a door can hold people to their own institution's pages.
    """

    audience: str
    predicate: Callable[..., bool]


def door(guard: Door, urls: Any) -> tuple[Urls, str]:
    """Return what `include` takes: the views of `urls`, every one behind `guard`.

    `urls` is the dotted path of a module, or anything else that `include` takes. Namespaces
    and nested includes are kept. A view's ``arrival``, if it has one, sees each request before the
    guard does: what is good for a minute only cannot wait until somebody has signed in. Raises
    ImproperlyConfigured for an async view, which the guard could not wait for.
    """
    module, app_name, _ = include(urls)
    patterns = getattr(module, "urlpatterns", module)
    # Django takes an app_name of None too; its type stubs do not say so.
    return [_behind(guard, pattern) for pattern in patterns], cast("str", app_name)


def _behind(guard: Door, entry: URLPattern | URLResolver) -> URLPattern | URLResolver:
    if isinstance(entry, URLPattern):
        view = _guarded(guard, entry.callback)
        return URLPattern(entry.pattern, view, entry.default_args, entry.name)
    inner = [_behind(guard, pattern) for pattern in entry.url_patterns]
    return URLResolver(entry.pattern, inner, entry.default_kwargs, entry.app_name, entry.namespace)


def _guarded(guard: Door, view: View) -> View:
    if iscoroutinefunction(view):
        raise ImproperlyConfigured(f"{view} is async: a door guards ordinary views only")

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **address: Any) -> HttpResponseBase:
        if arrival := getattr(view, "arrival", None):
            arrival(request)
        if not request.user.is_authenticated:
            return _to_login(request)
        if not _admits(guard, request, address):
            raise PermissionDenied
        return view(request, *args, **address)

    guarded.door = guard.audience  # type: ignore[attr-defined]
    guarded.guard = guard  # type: ignore[attr-defined]
    return guarded


def opens(request: HttpRequest, name: str, **address: Any) -> bool:
    """Whether the door of the page ``name`` lets in whoever asks; a page without a door does.

    ``address`` holds the arguments of the page's address.
    """
    guard = _guards(get_urlconf()).get(name)
    return guard is None or _admits(guard, request, address)


def _admits(guard: Door, request: HttpRequest, address: dict[str, Any]) -> bool:
    """The predicate's answer, asked once in a request: a rail asks as its page's door did."""
    answers = request.__dict__.setdefault("_doors", {})
    question = (guard, *sorted(address.items()))
    if question not in answers:
        answers[question] = guard.predicate(request.user, **address)
    return bool(answers[question])


def _to_login(request: HttpRequest) -> HttpResponse:
    """Send a visitor to sign in and back; a fragment that a page fetched sends its whole page.

    htmx follows `HX-Redirect` itself (https://htmx.org/headers/hx-redirect/).
    """
    if "HX-Request" not in request.headers:
        return redirect_to_login(request.get_full_path())
    page = urlsplit(request.headers.get("HX-Current-URL", "/"))
    target = redirect_to_login(page._replace(scheme="", netloc="").geturl())
    return HttpResponse(headers={"HX-Redirect": target["Location"]})


@dataclass(frozen=True)
class Mounted:
    """One address of the site: who is let in (empty: no door), its pattern and its URL name."""

    audience: str
    route: str
    name: str


def mounted(urlconf: str | None = None) -> Iterator[Mounted]:
    """Yield every address of the site in the order in which they are tried."""
    for page, _ in _walk(get_resolver(urlconf).url_patterns, "/", ()):
        yield page


@cache
def _guards(urlconf: str | None) -> dict[str, Door]:
    """The door of each page that has one, by URL name."""
    walked = _walk(get_resolver(urlconf).url_patterns, "/", ())
    return {page.name: guard for page, guard in walked if guard is not None}


def _walk(
    entries: Urls, prefix: str, namespaces: tuple[str, ...]
) -> Iterator[tuple[Mounted, Door | None]]:
    for entry in entries:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from _walk(entry.url_patterns, route, inner)
        else:
            guard = getattr(entry.callback, "guard", None)
            audience = guard.audience if guard else ""
            yield Mounted(audience, route, ":".join((*namespaces, entry.name or ""))), guard
