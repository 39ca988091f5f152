"""Network addresses of an institution: redirect URIs and servers. Pure Python.

Each reader returns the text as it is kept, or raises ValueError with a sentence for people.
"""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

LOOPBACK_HOSTS: Final = ("localhost", "127.0.0.1", "::1")
URI_LENGTH: Final = 500
WIDEST: Final = {4: 16, 6: 32}
"""The shortest prefix that still names somebody's servers and not half the internet."""

_UNRESERVED: Final = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?#[]@!$&'()+,;=%"
)
"""The characters of a URI (RFC 3986, 2), but for the star, which never stands for "anything"."""


def redirect_uri(text: str, *, loopback: bool) -> str:
    """A redirect URI, kept exactly as typed: it is compared character by character.

    https with a host and no fragment (RFC 6749, 3.1.2); plain http on the loopback where
    ``loopback`` allows it, for trying things on one machine.
    """
    if len(text) > URI_LENGTH:
        raise ValueError(f"A redirect URI is at most {URI_LENGTH} characters long.")
    if not set(text) <= _UNRESERVED:
        raise ValueError(f"{text} has characters that no exact address has (spaces, *, quotes).")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"{text} is no address: {error}.") from error
    if not host or ("." not in host and host not in LOOPBACK_HOSTS):
        raise ValueError(f"{text} is no complete address: write https://host/path.")
    if parts.username is not None or "@" in parts.netloc:
        raise ValueError(f"{text} carries a user name: leave it out.")
    if "#" in text:
        raise ValueError(f"{text} has a fragment (#…): leave it out.")
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host) and loopback):
        return text
    if parts.scheme == "http" and _is_loopback(host):
        raise ValueError(f"{text} is on this machine: only a demo installation takes that.")
    raise ValueError(f"{text} must begin with https://.")


def server(text: str, *, loopback: bool) -> str:
    """A server's address or network in CIDR notation; public only, normalised (``8.8.8.8/32``)."""
    try:
        network = ipaddress.ip_network(text)
    except ValueError as error:
        hint = " Did you mean its network address?" if "host bits" in str(error) else ""
        raise ValueError(
            f"{text} is no IP address, and no network like 203.0.113.0/24.{hint}"
        ) from error
    if network.is_loopback and loopback:
        return str(network)
    if network.version == 6 and network.network_address.ipv4_mapped is not None:
        raise ValueError(f"{text} is an IPv4 address written as IPv6: write it as IPv4.")
    if not _is_public(network):
        raise ValueError(f"{text} is not on the public internet: {_why(network)}.")
    if network.prefixlen < WIDEST[network.version]:
        raise ValueError(
            f"{text} is too wide: name networks of /{WIDEST[network.version]} or less."
        )
    return str(network)


def _is_loopback(host: str) -> bool:
    return host in LOOPBACK_HOSTS


def _is_public(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    ends = (network.network_address, network.broadcast_address)
    return all(end.is_global and not end.is_multicast for end in ends)


def _why(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> str:
    reasons = {
        "it is a loopback address": network.is_loopback,
        "it is a link-local address": network.is_link_local,
        "it is a multicast address": network.is_multicast,
        "it is a private address": network.is_private,
    }
    return next((words for words, holds in reasons.items() if holds), "it is reserved")
