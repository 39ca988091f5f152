"""The addresses of this room, one module per audience."""
