"""Every address of the portal, found by walking the URL configuration."""

from dataclasses import dataclass

from django.urls import URLResolver, get_resolver

UNNAMED = "(unnamed)"


@dataclass(frozen=True)
class Address:
    """One URL pattern: its name with namespaces, and its route as written."""

    name: str
    route: str


def every():
    return list(_walk(get_resolver()))


def _walk(resolver, namespaces=(), prefix=""):
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _walk(pattern, inner, route)
        else:
            yield Address(":".join((*namespaces, pattern.name or UNNAMED)), route)
