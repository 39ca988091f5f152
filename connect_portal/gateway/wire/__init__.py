"""The v5 wire of the gateway: raw bytes in, raw bytes out. Only `asgi` imports `app`."""
