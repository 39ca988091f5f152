"""HTTP/1.1 of the order path, before far sides that are slow, rude or gone; over TLS as well."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from connect_portal.venue import transport
from connect_portal.venue.http1 import Heard, Host, Lost, NotSent, open_host

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
HANG_UP = b""
"""In a script: end the connection instead of answering."""


class Peer:
    """Answers the requests of each connection from that connection's script, in pieces."""

    def __init__(self, *scripts: list[bytes], pause: float = 0) -> None:
        self.scripts, self.pause = list(scripts), pause
        self.heard: list[list[bytes]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard: list[bytes] = []
        self.heard.append(heard)
        for answer in self.scripts.pop(0) if self.scripts else [OK] * 100:
            try:
                heard.append(await _request(reader))
            except asyncio.IncompleteReadError:
                break
            if answer == HANG_UP:
                break
            await self._write(writer, answer)
        writer.close()

    async def _write(self, writer: asyncio.StreamWriter, answer: bytes) -> None:
        if not self.pause:
            return writer.write(answer)
        for at in range(len(answer)):
            writer.write(answer[at : at + 1])
            await asyncio.sleep(self.pause)
        return None


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return head + await reader.readexactly(int(length or 0))


def meeting(peer: Peer, meet: Callable[[Host], Awaitable[Any]], **tls: Any) -> Any:
    """What comes of a meeting with a peer."""

    async def run() -> Any:
        server = await asyncio.start_server(peer.serve, "127.0.0.1", 0, **tls)
        port = server.sockets[0].getsockname()[1]
        scheme = "https" if tls else "http"
        async with open_host(f"{scheme}://localhost:{port}") as host:
            found = await meet(host)
        server.close()
        return found

    return asyncio.run(run())


def asked(peer: Peer, times: int = 1) -> Heard:
    """The answer to the last of some writes, one after the other."""

    async def meet(host: Host) -> Heard:
        for _ in range(times):
            heard = await host.ask(host.written("POST", "/order?a=%2C", {"X-Key": "kéy"}, b"{}"))
        return heard

    return meeting(peer, meet)  # type: ignore[no-any-return]


def test_a_request_goes_as_it_is_and_the_connection_is_used_again() -> None:
    peer = Peer([OK, OK])
    heard = asked(peer, 2)
    assert (heard.status, heard.body, heard.header(b"content-type")) == (
        200, b"{}", "application/json",
    )  # fmt: skip
    ((first, _),) = peer.heard
    assert first.startswith(b"POST /order?a=%2C HTTP/1.1\r\nhost: localhost:")
    assert "\r\nX-Key: kéy\r\ncontent-length: 2\r\n\r\n{}".encode() in first


def test_an_answer_may_come_byte_by_byte_and_in_chunks() -> None:
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
    assert asked(Peer([chunks], pause=0.0001)).body == b"{}"


def test_what_comes_before_the_answer_proper_is_let_pass() -> None:
    assert asked(Peer([b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK])).body == b"{}"


def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    peer = Peer([b"HTTP/1.0 200 OK\r\n\r\n{}"], [OK])
    assert asked(peer).body == b"{}"
    assert asked(Peer([b"HTTP/1.0 200 OK\r\n\r\n{}"], [OK]), 2).body == b"{}"


def test_a_connection_that_its_host_wants_to_end_is_not_used_again() -> None:
    last = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    peer = Peer([last], [OK])
    assert asked(peer, 2).status == 200
    assert [len(one) for one in peer.heard] == [1, 1]


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        OK.replace(b"th: 2", b"th: 9"),
        OK.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n"),
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
        HANG_UP,
    ],
    ids=["another protocol", "no length", "no chunk", "cut", "encoded", "upgrade", "nothing"],
)
def test_what_is_no_whole_answer_is_lost_and_never_asked_for_again(answer: bytes) -> None:
    peer = Peer([answer], [OK])
    with pytest.raises(Lost) as lost:
        asked(peer)
    assert not lost.value.is_stale
    assert len(peer.heard) == 1


def test_an_answer_without_end_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MAX_BODY_BYTES", 1 << 10)
    with pytest.raises(Lost, match="too large"):
        asked(Peer([OK.replace(b"th: 2", b"th: 200000") + b" " * 200_000]))
    with pytest.raises(Lost, match="too large"):
        asked(Peer([b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000]))


def test_nobody_is_told_what_was_said_unasked() -> None:
    stray = OK.replace(b"{}", b"[]")
    peer = Peer([OK + stray], [OK])
    assert asked(peer, 2).body == b"{}"
    assert [len(one) for one in peer.heard] == [1, 1]


def test_a_connection_that_ended_while_nobody_asked_is_not_used() -> None:
    peer = Peer([OK], [OK])

    async def meet(host: Host) -> int:
        await host.ask(host.written("POST", "/", {}, b"{}"))
        while host._idle:
            await asyncio.sleep(0.01)
        return (await host.ask(host.written("POST", "/", {}, b"{}"))).status

    assert meeting(peer, meet) == 200


def test_one_that_ends_under_a_request_says_so_and_the_request_is_not_repeated() -> None:
    peer = Peer([OK, HANG_UP], [OK])
    with pytest.raises(Lost) as lost:
        asked(peer, 2)
    assert lost.value.is_stale
    assert len(peer.heard) == 1


def test_a_host_may_not_drip_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_TIMEOUT_S", 0.3)
    monkeypatch.setattr(transport, "TOTAL_TIMEOUT_S", 0.5)
    with pytest.raises(Lost, match="in time"):
        asked(Peer([OK], pause=0.1))


def test_whoever_gives_up_leaves_no_answer_to_the_next() -> None:
    peer = Peer([OK.replace(b"{}", b"[]")], [OK], pause=0.002)

    async def meet(host: Host) -> bytes:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(host.ask(host.written("POST", "/", {}, b"{}")), 0.05)
        return (await host.ask(host.written("POST", "/", {}, b"{}"))).body

    assert meeting(peer, meet) == b"{}"


def test_many_at_once_each_hear_their_own_and_share_connections() -> None:
    peer = Peer()
    peer.serve = _echo.__get__(peer)  # type: ignore[method-assign]

    async def meet(host: Host) -> list[bytes]:
        bodies = [str(number).encode() for number in range(300)]
        heard = await asyncio.gather(
            *(host.ask(host.written("POST", "/", {}, one)) for one in bodies)
        )
        return [one.body for one in heard]

    assert meeting(peer, meet) == [str(number).encode() for number in range(300)]
    assert len(peer.heard) <= 64


async def _echo(peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    peer.heard.append([])
    while True:
        try:
            body = (await _request(reader)).partition(b"\r\n\r\n")[2]
        except asyncio.IncompleteReadError:
            return writer.close()
        await asyncio.sleep(0.001)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))


def test_a_header_cannot_end_its_line() -> None:
    peer = Peer()

    async def meet(host: Host) -> None:
        await host.ask(host.written("POST", "/", {"X-Key": "a\r\nX-Other: b"}, b"{}"))

    with pytest.raises(NotSent):
        meeting(peer, meet)
    assert peer.heard == []


def test_where_nobody_listens_nothing_was_sent() -> None:
    async def run() -> None:
        async with open_host("http://127.0.0.1:9") as host:
            await host.ask(host.written("POST", "/", {}, b"{}"))

    with pytest.raises(NotSent):
        asyncio.run(run())


def test_tls_hosts_are_asked_only_under_a_certificate_that_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = _certificate(tmp_path)
    far = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    far.load_cert_chain(certificate)
    peer = Peer([OK, OK])

    async def meet(host: Host) -> Heard:
        await host.ask(host.written("POST", "/", {}, b"{}"))
        return await host.ask(host.written("POST", "/", {}, b"{}"))

    with pytest.raises(NotSent):
        meeting(peer, meet, ssl=far)
    assert peer.heard == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert meeting(peer, meet, ssl=far).body == b"{}"
    assert [len(one) for one in peer.heard] == [2]


def _certificate(folder: Path) -> Path:
    """A file with a key and a certificate of localhost that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "localhost.pem"
    path.write_bytes(secret + made.public_bytes(pem))
    return path
