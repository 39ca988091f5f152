"""The gateway's sockets: a real client, the portal, the exchange."""
