"""Writes of this room: a run begins, watches, makes trouble, and ends."""

from connect_portal.certification.actions.beginning import abandon, new_key, start, try_again
from connect_portal.certification.actions.watching import look, sweep

__all__ = ["abandon", "look", "new_key", "start", "sweep", "try_again"]
