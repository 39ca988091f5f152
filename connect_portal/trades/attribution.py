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
CODE_PAUSED = "code_paused"
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


class Holder(Protocol):
    """Whose a Connect code is, and when it counts."""

    @property
    def institution_id(self) -> int: ...
    def counts_at(self, moment: datetime) -> bool: ...


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
    code_holders: Mapping[str, Holder],
    sdk_tags: Mapping[str, str],
) -> list[Decision]:
    """One decision for each institution that was authorized when the fill happened.

    Arguments: ``tag`` as the venue echoed it; ``spans`` of the account; ``code_holders`` of
    the Connect codes known here; ``sdk_tags`` known client libraries by their tag.
    """
    present = {
        span.institution_id
        for span in spans
        if span.since <= filled_at and (span.until is None or filled_at < span.until)
    }
    holder = code_holders.get(tag)
    return [
        _own(holder, filled_at)
        if holder is not None and holder.institution_id == institution_id
        else Decision(institution_id, False, *_why_not(tag, sdk_tags))
        for institution_id in sorted(present)
    ]


def _own(holder: Holder, filled_at: datetime) -> Decision:
    """A fill with the institution's own code counts, unless the code was suspended or retired."""
    counts = holder.counts_at(filled_at)
    return Decision(holder.institution_id, counts, OWN_CODE if counts else CODE_PAUSED)


def _why_not(tag: str, sdk_tags: Mapping[str, str]) -> tuple[str, str]:
    if not tag:
        return NO_TAG, ""
    if tag in sdk_tags:
        return SDK_TAG, sdk_tags[tag]
    if not (tag.isascii() and tag.isalnum() and len(tag) <= 16):
        return MALFORMED_TAG, ""
    return FOREIGN_TAG, ""
