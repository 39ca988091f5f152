"""The matching core: book, holds, fees, orders and strategies on whole numbers; no I/O, no clock.

The same commands in the same order always give the same state. Only `store` may apply commands.
"""
