"""Specifies the institutions: who they are and the codes their orders carry."""
