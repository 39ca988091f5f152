"""Certification: the rules' "test online trading", a run that watches an institution's client.

A run reads what the client asked of the exchange (the operator door's request log) and of the
gateway, judges it by pure rules, and opens the way to go-live by itself once every check passed.
"""
