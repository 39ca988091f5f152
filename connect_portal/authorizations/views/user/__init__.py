"""The end user's pages: connections, and the account at the sandbox exchange."""
