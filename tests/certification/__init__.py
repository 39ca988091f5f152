"""Certification: its rules alone, runs at a live exchange with a real client, and its pages."""
