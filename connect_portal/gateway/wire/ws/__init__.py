"""The WebSocket half of the gateway: `/ws/v5/{private,public,business}` on the portal's port.

`app` lets clients in and watches over them, `connection` is one client's conversation, `login` says
who calls, `operations` carries out orders by the same verbs as REST, `upstream` brings what the
venue pushes, `filtered` keeps back what belongs to others, `channels` and `messages` are the words.
uvicorn speaks RFC 6455. Only `asgi` imports `app`.

https://www.okx.com/docs-v5/en/#overview-websocket
"""
