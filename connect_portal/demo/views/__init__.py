"""Pages that play the companies of the cast."""
