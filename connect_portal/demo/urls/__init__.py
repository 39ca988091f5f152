"""Addresses of the demo pages."""
