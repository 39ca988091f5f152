"""What any venue can do, told in our words; owns the wire to the exchange and keeps no tables.

Anyone above may use `registry.venue()`, the rows in `types` and the refusals in `errors`.
The exchange's own field names live in `okx` and stop there.
"""
