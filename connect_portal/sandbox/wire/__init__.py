"""The v5 wire of the sandbox: REST and WebSocket on one port, and the operator door beside them."""
