"""The least that a gateway can do: write a row to disk, then let the request through.

`python -m tests.benchmarks.relay PORT VENUE_PORT` serves one connection at a time, on blocking
sockets and libpq alone, without reading what it passes on. What it adds to an order's way is what
durable decisions cost on this machine, whoever makes them.
"""

import os
import socket
import sys

import psycopg

from tests.benchmarks.load import HOST, read_answer

TABLE = b"CREATE TABLE IF NOT EXISTS bare_decision (id bigserial PRIMARY KEY, said bytea NOT NULL)"
INSERT = b"INSERT INTO bare_decision (said) VALUES ($1::bytea) RETURNING id"


def main() -> None:
    """Relay until it is stopped."""
    port, venue_port = map(int, sys.argv[1:])
    server = psycopg.connect(os.environ["DATABASE_URL"]).pgconn
    server.exec_(TABLE)
    server.prepare(b"decide", INSERT)
    with socket.create_server((HOST, port)) as door:
        while True:
            caller, _ = door.accept()
            with caller, socket.create_connection((HOST, venue_port)) as venue:
                for one in (caller, venue):
                    one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                while request := caller.recv(65_536):
                    server.exec_prepared(b"decide", [request[:200].hex().encode()])
                    venue.sendall(request)
                    caller.sendall(read_answer(venue))


if __name__ == "__main__":
    main()
