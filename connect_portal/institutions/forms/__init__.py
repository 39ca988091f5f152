"""What applicants, institutions and staff fill in."""
