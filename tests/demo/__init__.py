"""Specifies the demo cast."""
