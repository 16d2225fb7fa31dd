"""Which places may be reached: public addresses, or the allow-list of the setting OUTGOING_ALLOWED.

ssrfguard judges the address and connects to what it judged; here stands what this house asks beyond that.
See docs/decisions/0079-channels.md.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import ssrfguard
from django.conf import settings
from django.utils.translation import gettext as _
from ssrfguard import AddressTable, Block, Policy, Reach, Target

from outgoing.deadline import Deadline
from outgoing.errors import NotPossible

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
PORT = 443
LOOK_UP_SECONDS = 5.0
MOST_ADDRESSES = 2  # tried one after the other, which divide the time between them
_NAME = re.compile(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
EVERYWHERE = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))

_BESIDES = (
    # Public by IANA, and answered by the host machine inside Azure
    Block(ipaddress.ip_network("168.63.129.16/32"), "Azure's host", "Microsoft", Reach.DENIED),
    Block(ipaddress.ip_network("::ffff:0:0:0/96"), "IPv4-translated", "RFC 2765", Reach.DENIED),
)
_TABLE = AddressTable(
    tuple(
        replace(block, reach=Reach.DENIED) if block.reach is Reach.TRANSLATED else block
        for block in (*ssrfguard.DEFAULT_DENIED.blocks, *_BESIDES)
    )
)
"""The library's table, but an IPv4 address wrapped in IPv6 (mapped, NAT64, 6to4, Teredo) is refused unopened."""


@dataclass(frozen=True)
class Allowed:
    """What the allow-list names. A host is trusted wherever its name leads."""

    hosts: Policy | None
    networks: tuple[Network, ...]

    @classmethod
    def of(cls, entries: Iterable[str]) -> Allowed:
        """From host names, also like *.example.org, and networks such as 10.20.0.0/16. Raises ValueError."""
        hosts, networks = [], list[Network]()
        for entry in entries:
            if _NAME.fullmatch(entry) and not entry.replace(".", "").isdigit():
                hosts.append(entry)
            else:
                networks.append(ipaddress.ip_network(entry))
        Policy(allowed_networks=tuple(networks))  # refuses prefixes that wrap every IPv4 address
        return cls(Policy(allowed_hosts=frozenset(hosts)) if hosts else None, tuple(networks))

    def names(self, host: str) -> bool:
        """Whether the host stands in the list by its name."""
        if self.hosts is None:
            return False
        try:
            self.hosts.check_host(host)
        except ssrfguard.BlockedURLError:
            return False
        return True

    def holds(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        """Whether the address lies in a network of the list."""
        return any(address in network for network in self.networks)


@dataclass(frozen=True)
class Place:
    """Where one request goes: an origin, the addresses it was judged by, and the path, which may be a secret."""

    target: Target
    addresses: tuple[ssrfguard.Address, ...]
    policy: Policy
    path: str


def check(url: str, *, seconds: float = LOOK_UP_SECONDS) -> str:
    """The host of an address that may be posted to at present; looks its name up. Raises NotPossible."""
    return judge(url, Deadline(seconds)).target.host


def judge(url: str, deadline: Deadline) -> Place:
    """Where the address leads, looked up once, every answer judged. Raises NotPossible."""
    allowed = Allowed.of(settings.OUTGOING_ALLOWED)
    path = _path(url)
    try:
        policy = _policy(allowed.networks)
        target = policy.check_url(url)
        if allowed.names(target.host):
            policy = _policy(EVERYWHERE)
        addresses = _addresses(target, policy, deadline)
    except ssrfguard.BlockedURLError as refusal:
        raise NotPossible(_not_public(refusal.__cause__, url)) from None
    except ssrfguard.BlockedAddressError:
        raise NotPossible(inward(target.host)) from None
    is_allowed = allowed.names(target.host) or all(allowed.holds(address.ip) for address in addresses)
    _demand_usual(target, is_allowed=is_allowed)
    return Place(target, addresses, policy, path)


def _policy(networks: tuple[Network, ...]) -> Policy:
    return Policy(
        denied_networks=_TABLE,
        allowed_networks=networks,
        allowed_ports=frozenset(range(1, 65536)),
        max_connection_attempts=MOST_ADDRESSES,
    )


def _addresses(target: Target, policy: Policy, deadline: Deadline) -> tuple[ssrfguard.Address, ...]:
    try:
        return deadline.within(lambda: ssrfguard.resolve(target, policy=policy))
    except (socket.gaierror, UnicodeError):
        raise NotPossible(_("There is no host called %(host)s.") % {"host": target.host}) from None
    except TimeoutError:
        message = _("The name %(host)s could not be looked up in time.") % {"host": target.host}
        raise NotPossible(message) from None


def _path(url: str) -> str:
    """Path and query as they are sent; what follows a “#” never is. Raises NotPossible for what is no web address."""
    try:
        parts = urlsplit(url)
        complete = parts.scheme in {"http", "https"} and parts.hostname and url.isascii()
        has_name = parts.username is not None or parts.password is not None
    except ValueError:
        complete = has_name = False
    if not complete:
        raise NotPossible(_("This is not a complete web address. It begins with https:// and names a host."))
    if has_name:
        raise NotPossible(_("Leave out the name and password that stand before the “@”."))
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _demand_usual(target: Target, *, is_allowed: bool) -> None:
    """Raises NotPossible for plain HTTP and for other ports than 443, except to places on the allow-list."""
    if is_allowed:
        return
    if target.scheme != "https":
        raise NotPossible(_("The address begins with https://, so that nobody reads it on its way."))
    if target.port != PORT:
        message = _("%(host)s is asked at port %(port)d; only port 443 is open, except to places on the allow-list.")
        raise NotPossible(message % {"host": target.host, "port": target.port})


def _not_public(cause: BaseException | None, url: str) -> str:
    if isinstance(cause, ssrfguard.BlockedAddressError):
        return inward(urlsplit(url).hostname or "")
    return _("This is not a complete web address. It begins with https:// and names a host.")


def inward(host: str) -> str:
    return _(
        "%(host)s leads to an address that is not public. An administrator can allow it by the setting "
        "OUTGOING_ALLOWED."
    ) % {"host": host}
