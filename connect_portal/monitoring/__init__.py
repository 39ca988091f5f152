"""Monitoring: what happens now, for institutions and for the exchange's staff.

It sees every room below and is seen by none. Pages read roll-ups; ``live`` carries news to open
pages by server-sent events.
"""
