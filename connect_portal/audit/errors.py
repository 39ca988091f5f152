"""The audit trail's refusals: each is a programming error of the caller, never of a visitor."""


class AuditError(Exception):
    """An event cannot be recorded as given."""


class OutsideTransaction(AuditError):
    """An event must be saved together with the change it tells of, or not at all."""

    def __init__(self, tag: str) -> None:
        super().__init__(f"{tag} must be recorded inside the transaction of its change")


class BadEvent(AuditError):
    """A word of the event does not follow the grammar, or its data cannot be written exactly."""
