"""The one exception of the runtime: something a person must put right, said in one sentence."""


class CannotStart(Exception):
    """The site cannot start. Its text is one clear sentence that says what to do."""
