"""People: who they are, what they may act for, and how they prove it.

Owns persons, memberships in institutions, staff roles, and everything around signing in (allauth's
adapters, the second factor that staff must have). Its words: person, membership, staff role, actor.
Institutions and every higher app read through `queries`, ask `rules`, and write through `actions`.
"""
