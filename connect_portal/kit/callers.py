"""Where a request comes from, and whether it may."""

import ipaddress
from collections.abc import Iterable

from django.conf import settings


def caller(peer: str, forwarded: str) -> str:
    """The caller's address: ``peer`` at the other end of the connection, or, behind
    ``TRUSTED_PROXIES``, what the outermost of them saw. That stands so many from the end of
    ``forwarded`` (X-Forwarded-For), for what stands before it anybody may write; "" if it does not.
    """
    trusted = settings.TRUSTED_PROXIES
    if not trusted:
        return peer
    passed = forwarded.split(",")
    return passed[-trusted].strip() if len(passed) >= trusted else ""


def is_allowed(address: str, networks: Iterable[str]) -> bool:
    """Whether an address lies in one of the networks; no networks allow every address."""
    networks = tuple(networks)
    if not networks:
        return True
    try:
        where = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(where, ipaddress.IPv6Address) and where.ipv4_mapped:
        where = where.ipv4_mapped
    return any(where in ipaddress.ip_network(one, strict=False) for one in networks)
