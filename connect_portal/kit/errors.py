"""The one shape of a refusal.

A rule that says no raises a `Refusal` subclass declared in its room's ``errors`` file: a stable
code for programs, a sentence for people, a hint that says what to do next. Views and wires
translate it into the language of their door; nothing else is ever shown of an exception.
"""

from typing import ClassVar


class Refusal(Exception):
    """Something asked for that the rules do not allow.

    ``code`` is stable and dotted (``binding.can_withdraw``); ``field`` names the form field that
    the sentence belongs beside, if there is one.
    """

    code: ClassVar[str] = "refused"
    sentence: ClassVar[str] = "That is not possible."
    hint: ClassVar[str] = ""
    field: ClassVar[str | None] = None

    def __init__(self, **details: object) -> None:
        """Arguments: ``details`` fill the placeholders of ``sentence`` and ``hint``."""
        self.details = details
        super().__init__(self.text)

    @property
    def text(self) -> str:
        """The sentence and its hint, with the details filled in."""
        return f"{self.sentence} {self.hint}".strip().format(**self.details)
