"""The sandbox exchange: a spot venue on the OKX v5 wire, for trying everything safely.

`engine/` is pure and deterministic, `store` makes it durable, `wire/` puts it on HTTP and
WebSocket, `market` keeps prices alive, `serve` runs it as one process. Other rooms meet it
over the network only.
"""
