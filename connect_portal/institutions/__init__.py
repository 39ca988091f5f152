"""Institutions: the companies of the programme and the Connect codes that identify their orders.

Words: an *institution* is a business that joined Connect; its *Connect code* is the identifier
that its orders carry in their ``tag``. Everything above may read ``queries`` and write through
``actions``; only this room touches its tables.
"""
