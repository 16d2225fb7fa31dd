"""Finds the pages of a running portal as people do: signed in, following the links and forms they are shown."""

import re
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass
from html import unescape
from http.cookiejar import CookieJar
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve

SIGN_IN = "/accounts/login/"
NOT_PAGES = re.compile(r"/admin/|/static/|/exceptions/export|/catalog/exports/|/evidence/|/accounts/logout/")
STATE = re.compile(r'<h1.*?<span class="badge tone-\w+">(?:<svg.*?</svg>)?([^<]+)</span>', re.DOTALL)
LINK = re.compile(r'<a [^>]*href="([^"]+)"|<form [^>]*action="([^"]+)"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
MOST = {"case": 40}
"""So many pages of one name are opened in search of others; a page of every kind is found in fewer."""


@dataclass(frozen=True)
class Place:
    """A page somebody can come to. `kind` tells apart pages of one name that differ in what they show."""

    name: str
    kind: str
    path: str
    person: str


class Walk:
    """What walkers have in common; how one reads a page is its own affair."""

    person = ""

    def read(self, path, data=None):
        """The path one arrives at and the text there; no text where it is not a page to be read."""
        raise NotImplementedError

    def places(self, *starts, known=()):
        """Every kind of page within reach of the starts; of a name in `known` one, for what it leads to."""
        waiting, seen, opened, found = list(starts), set(starts), Counter(), {}
        while waiting:
            path = waiting.pop(0)
            name = name_of(path)
            opened[name] += 1
            if opened[name] > (1 if name in known else MOST.get(name, 4)):
                continue
            arrived, html = self.read(path)
            if html and arrived == urlsplit(path).path:
                kind = STATE.search(html)[1].strip() if name == "case" and STATE.search(html) else ""
                found.setdefault((name, kind), Place(name, kind, path, self.person))
            fresh = [link for link in dict.fromkeys(_links(arrived, html)) if link not in seen]
            seen.update(fresh)
            waiting += fresh
        return found


class Walker(Walk):
    """One person's session over plain HTTP. Nobody signed in is called ""."""

    def __init__(self, url, email="", password=""):
        self.url, self.person = url, email.partition("@")[0]
        self.cookies = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        if email:
            token = TOKEN.search(self.read(SIGN_IN)[1])[1]
            self.read(SIGN_IN, f"csrfmiddlewaretoken={token}&login={email}&password={password}".encode())

    def read(self, path, data=None):
        request = urllib.request.Request(self.url + path, data, headers={"Referer": self.url})
        try:
            with self._opener.open(request) as answer:
                html = answer.headers.get_content_type() == "text/html"
                return urlsplit(answer.url).path, answer.read().decode() if html else ""
        except urllib.error.HTTPError as error:
            with error:
                return path, ""

    @property
    def session(self):
        return next((cookie.value for cookie in self.cookies if cookie.name == "sessionid"), "")


def name_of(path):
    try:
        return resolve(urlsplit(path).path).view_name or ""
    except Resolver404:
        return ""


def _links(page, html):
    for link, action in LINK.findall(html):
        parts = urlsplit(urljoin(page, unescape(link or action)))
        if not parts.netloc and name_of(parts.path) and not NOT_PAGES.search(parts.path):
            yield parts.path if not parts.query else f"{parts.path}?{parts.query}"
