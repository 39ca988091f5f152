"""The demo cast: people, companies and venue accounts to try everything with.

It writes through the other rooms' actions like anybody else, needs the sandbox as its venue, and
never serves in the open: secrets are random per installation and kept in ``demo.json`` (0600).
"""
