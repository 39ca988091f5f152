"""The refusals of this room."""

from connect_portal.kit.errors import Refusal


class NotObserved(Refusal):
    """An institution is complete when its observation shows that its orders carry the code."""

    code = "monitoring.not_observed"
    sentence = "Not complete yet. {missing}"
    hint = "Wait, extend the observation, or send it back to the sandbox test."
