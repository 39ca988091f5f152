"""Which orders may pass, one by one. No database: limits are reserved in `actions.decide`."""

from dataclasses import dataclass

from connect_portal.gateway.codes import tag_to_forward
from connect_portal.gateway.enums import Operation
from connect_portal.gateway.errors import Refused


@dataclass(frozen=True, slots=True)
class Asked:
    """One order operation as it was asked for, in our words; its texts are nobody's promise.

    ``tag`` is the JSON value that was sent, None when there was none.
    """

    operation: Operation
    instrument: str
    client_order_id: str
    order_id: str
    tag: object
    is_strategy: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of it here: ``code`` is "0" when it may pass, with the ``tag`` to send."""

    code: str
    reason: str
    tag: str

    @property
    def allowed(self) -> bool:
        """Whether it goes to the venue."""
        return self.code == "0"


def judge(asked: Asked, connect_code: str) -> Verdict:
    """Strategy orders belong to the API channel (50030); a new order carries the code (51000).

    Cancelling and amending take no tag: the venue ignores one there, and so do we.
    """
    try:
        if asked.is_strategy:
            raise Refused("50030")
        is_new = asked.operation == Operation.PLACE
        return Verdict("0", "", tag_to_forward(asked.tag, connect_code) if is_new else "")
    except Refused as refused:
        return Verdict(refused.code, refused.text, "")
