"""The tag rule. Pure Python.

Over the gateway every order carries the institution's own Connect code: an absent or empty ``tag``
is filled with it, another one is refused. Codes are case-sensitive
(https://www.okx.com/docs-v5/en/#order-book-trading-trade-post-place-order).
"""

from connect_portal.gateway.errors import TAG_RULE, Refused


def tag_to_forward(sent: object, connect_code: str) -> str:
    """The tag that goes to the venue. ``sent`` is any JSON value, None when there was none.

    Clients write "" and null for what they leave out. Raises Refused (51000) for anything that is
    neither empty nor exactly the code; a number or a list is never a tag.
    """
    if sent is None or sent == "" or sent == connect_code:
        return connect_code
    raise Refused("51000", TAG_RULE)
