"""The gateway: its rules alone, and whole exchanges over real sockets."""
