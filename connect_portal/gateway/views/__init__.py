"""The pages of this room, one module per audience."""
