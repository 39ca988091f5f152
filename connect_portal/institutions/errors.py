"""The refusals of this room."""

from connect_portal.kit.errors import Refusal


class CodeMalformed(Refusal):
    """The text cannot be carried in an order's tag."""

    code = "code.malformed"
    sentence = "{code!r} cannot be a Connect code."
    hint = "A code is 1 to 16 ASCII letters and digits."


class CodeTaken(Refusal):
    """A code is unique at its venue and never used again."""

    code = "code.taken"
    sentence = "The Connect code {code!r} is or was in use."
    hint = "Choose another; codes are never reused."
