"""Redirect URIs and servers: what is taken exactly as written, and what is refused in words."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connect_portal.institutions.addresses import redirect_uri, server


@pytest.mark.parametrize(
    "uri",
    [
        "https://harbor.example/callback",
        "https://harbor.example",
        "https://harbor.example:8443/a/b?tenant=1&x=%20",
        "https://harbor.example/Callback/",
    ],
)
def test_an_https_address_is_kept_to_the_letter(uri: str) -> None:
    assert redirect_uri(uri, loopback=False) == uri


@pytest.mark.parametrize(
    "uri", ["http://localhost:3000/cb", "http://127.0.0.1/cb", "http://[::1]:9/cb"]
)
def test_plain_http_on_this_machine_is_for_demo_installations(uri: str) -> None:
    assert redirect_uri(uri, loopback=True) == uri
    with pytest.raises(ValueError, match="only a demo installation"):
        redirect_uri(uri, loopback=False)


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ("http://harbor.example/cb", "must begin with https"),
        ("ftp://harbor.example/cb", "must begin with https"),
        ("javascript:alert(1)", "no complete address"),
        ("/callback", "no complete address"),
        ("https:///callback", "no complete address"),
        ("https://harbor/cb", "no complete address"),
        ("https://*.harbor.example/cb", "characters"),
        ("https://harbor.example/a b", "characters"),
        ("https://härbor.example/cb", "characters"),
        ("https://harbor.example/cb#part", "fragment"),
        ("https://harbor.example/cb#", "fragment"),
        ("https://iris:pw@harbor.example/cb", "user name"),
        ("https://harbor.example@evil.example/cb", "user name"),
        ("https://harbor.example:99999/cb", "no address"),
        ("https://[::1/cb", "no address"),
        ("https://harbor.example/\\evil", "characters"),
        ("https://harbor.example/" + "a" * 500, "at most 500"),
    ],
)
def test_anything_inexact_is_refused_with_a_reason(uri: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        redirect_uri(uri, loopback=True)


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_an_address(text: str) -> None:
    for read in (redirect_uri, server):
        with suppress(ValueError):
            assert read(text, loopback=True)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("8.8.8.8", "8.8.8.8/32"),
        ("8.8.8.0/24", "8.8.8.0/24"),
        ("2606:4700::1111", "2606:4700::1111/128"),
        ("2606:4700::/32", "2606:4700::/32"),
    ],
)
def test_public_servers_and_networks_are_taken(text: str, kept: str) -> None:
    assert server(text, loopback=False) == kept


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("10.0.0.1", "private address"),
        ("192.168.0.0/16", "private address"),
        ("172.16.5.4", "private address"),
        ("100.64.0.1", "not on the public internet"),
        ("169.254.169.254", "link-local"),
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("224.0.0.1", "multicast"),
        ("0.0.0.0/0", "not on the public internet"),
        ("fd00::1", "private address"),
        ("::ffff:10.0.0.1", "written as IPv6"),
        ("8.0.0.0/8", "too wide"),
        ("2600::/16", "too wide"),
        ("8.8.8.8/24", "network address"),
        ("8.8.8", "no IP address"),
        ("0x08.8.8.8", "no IP address"),
        ("harbor.example", "no IP address"),
        ("", "no IP address"),
    ],
)
def test_what_is_not_somebodys_public_server_is_refused(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        server(text, loopback=False)


def test_this_machine_is_a_server_on_a_demo_installation() -> None:
    assert server("127.0.0.1", loopback=True) == "127.0.0.1/32"
    assert server("::1", loopback=True) == "::1/128"
