"""The WebSocket half of the wire: sockets, conversations, channels and what is pushed on them.

`socket` speaks RFC 6455, `connection` the venue's messages on top of it, `topics` lists the
channels, `hub` knows who listens and passes on what the exchange did; `private`, `market` and
`books` put it into rows. Used by `wire.app` and `wire.environments`.

https://www.okx.com/docs-v5/en/#overview-websocket
"""
