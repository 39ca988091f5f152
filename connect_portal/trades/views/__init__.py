"""Pages of this room, by audience."""
