"""Settlement: commission per fill, a double-entry ledger, days closed into statements.

Amounts are exact; nothing is updated that has been stated. Every correction is a new entry.
"""
