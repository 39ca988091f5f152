"""Pages of this app, a file per audience."""
