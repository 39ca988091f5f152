"""Authorizations: who let which institution act on which venue account.

Words: a *venue account* is an end user's account at the venue; a *binding* is an API key of that
account, given here for an institution (API channel). Our copy of the key serves probe and sync
only and is never shown again. Rooms above read ``queries`` and write through ``actions``.
"""
