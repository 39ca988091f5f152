"""What can stop the exchange as a whole, in sentences for the person who runs it."""


class SandboxError(Exception):
    """A failure that ends the process; its text is the one line the operator reads."""


class StoreUnavailable(SandboxError):
    """The journal cannot be written: the command did not happen and nothing was acknowledged."""
