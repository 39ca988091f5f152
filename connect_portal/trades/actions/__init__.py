"""Writes of this room: ``ingest`` records what was read, ``sync`` reads it."""
