"""Trades: our mirror of the venue's orders and fills, and whose each fill is.

Words: an *order* is an instruction, a *fill* one execution of part of it, an *attribution* the
decision what a fill is to an institution, with its reason; a *cursor* says how far one venue
account has been read. A push from the venue is only a hint: facts enter by reading, through one
idempotent ingest. Rooms above read ``queries``.
"""
