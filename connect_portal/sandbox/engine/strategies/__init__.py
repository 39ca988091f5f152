"""Strategy orders: they wait for a price or a moment and place ordinary orders that name them.

`verbs` are what the caller may do, `following` what happens after each command and when a timer
strikes, `kinds` which file knows which kind, `children` how an order is placed and how a strategy
ends. Nothing is held before an order is placed. Only `exchange` calls in here.
Source: https://www.okx.com/docs-v5/en/#order-book-trading-algo-trading
"""
