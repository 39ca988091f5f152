"""The audit trail: one append-only, hash-chained list of what people and the system changed.

Owns the table of events. Its words: event, tag (`source:subject:action`), actor, subject, head.
Every app above may call `actions.record` (last thing in the transaction of its change) and read
through `queries`. It knows no person: an actor is a string such as `person:12` or `demo`.
"""
