"""The gateway: the v5 wire for Bearer tokens (OAuth channel).

It checks the grant, the scope and the tag rule, signs with the grant's own venue key and forwards
to the venue. Every decision is a row with its reason.
"""
