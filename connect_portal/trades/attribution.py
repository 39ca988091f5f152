"""The rule of attribution. Pure Python: no Django, no clock, no database.

The tag alone decides. A prefix of the client order id is a hint for finding leaks, never a reason
to pay (published rules, section 7; https://www.okx.com/docs-v5/broker_en/#overview).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

OWN_CODE = "own_code"
NO_TAG = "no_tag"
FOREIGN_TAG = "foreign_tag"
SDK_TAG = "sdk_tag"
MALFORMED_TAG = "malformed_tag"


class Span(Protocol):
    """When an institution may act on the account: from ``since`` until just before ``until``."""

    @property
    def institution_id(self) -> int: ...
    @property
    def since(self) -> datetime: ...
    @property
    def until(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Decision:
    """What a fill is to one institution: whether it counts, why, and a word more where known."""

    institution_id: int
    attributed: bool
    reason: str
    detail: str = ""


def decide(
    tag: str,
    filled_at: datetime,
    spans: Sequence[Span],
    code_owners: Mapping[str, int],
    sdk_tags: Mapping[str, str],
) -> list[Decision]:
    """One decision for each institution that was authorized when the fill happened.

    Arguments: ``tag`` as the venue echoed it; ``spans`` of the account; ``code_owners`` the active
    Connect codes by owner's institution id; ``sdk_tags`` known client libraries by their tag.
    """
    present = {
        span.institution_id
        for span in spans
        if span.since <= filled_at and (span.until is None or filled_at < span.until)
    }
    owner = code_owners.get(tag)
    return [
        Decision(institution_id, True, OWN_CODE)
        if institution_id == owner
        else Decision(institution_id, False, *_why_not(tag, sdk_tags))
        for institution_id in sorted(present)
    ]


def _why_not(tag: str, sdk_tags: Mapping[str, str]) -> tuple[str, str]:
    if not tag:
        return NO_TAG, ""
    if tag in sdk_tags:
        return SDK_TAG, sdk_tags[tag]
    if not (tag.isascii() and tag.isalnum() and len(tag) <= 16):
        return MALFORMED_TAG, ""
    return FOREIGN_TAG, ""
