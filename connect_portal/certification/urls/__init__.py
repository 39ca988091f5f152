"""Addresses of this room, one file per audience, mounted behind that audience's door."""
