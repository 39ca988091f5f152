"""How allauth's words are written."""
