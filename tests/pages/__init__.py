"""The pages as people meet them, in Chromium."""
