"""HTTP/1.1 for the sandbox: whole requests in, answers out. Knows nothing of what is asked.

`messages` is what passes, `reader` makes requests of bytes, `connection` is one TCP connection,
`server` all of them.
"""
