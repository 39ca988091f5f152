"""How the core says no: a code of the v5 wire, raised before anything has changed."""


class Refused(Exception):
    """A command that cannot be done. `code` is the wire's number, `detail` fills its text."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
