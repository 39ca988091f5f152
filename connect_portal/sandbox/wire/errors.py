"""Every sentence and status the venue says no with, in one table.

Codes, sentences and HTTP statuses: https://www.okx.com/docs-v5/en/#error-code. Whoever refuses
something names a code of this table and fills its gaps; nobody writes a sentence of their own.
"""

GENERAL = {
    "0": "",
    "1": "All operations failed",
    "2": "Bulk operation partially succeeded.",
    "50000": "Body for POST request cannot be empty.",
    "50001": "Service temporarily unavailable. Try again later.",
    "50002": "JSON syntax error",
    "50004": "API endpoint request timeout. It may have succeeded or not: check the result.",
    "50005": "API is offline or unavailable.",
    "50006": 'Invalid Content-Type. Please use "application/json".',
    "50008": "User does not exist.",
    "50011": "Too Many Requests",
    "50013": "Systems are busy. Please try again later.",
    "50014": "Parameter {} cannot be empty.",
    "50015": "Either parameter {} or {} is required.",
    "50016": "Parameter {} and {} is an invalid pair.",
    "50024": "Parameter {} and {} cannot exist at the same time.",
    "50025": "Parameter {} count exceeds the limit {}.",
    "50026": "System error. Try again later.",
    "50030": "You don't have permission to use this API endpoint.",
    "50036": "The expTime can't be earlier than the current system time. Please adjust the expTime"
    " and try again.",
    "50037": "Order expired.",
    "50038": "This feature is unavailable in demo trading.",
    "50039": 'Parameter "before" isn\'t supported for timestamp pagination.',
    "50040": "Too frequent operations, please try again later.",
    "50042": "Repeated request",
    "50044": "Must select one broker type.",
    "50061": "You've reached the maximum order rate limit for this account.",
    "50062": "This feature is currently unavailable.",
    "50071": "{} already exists.",
    "50076": "The time interval between the start date and end date cannot exceed {} days.",
}
CALLER = {
    "50101": "APIKey does not match current environment.",
    "50102": "Timestamp request expired",
    "50103": "Request header OK-ACCESS-KEY cannot be empty",
    "50104": "Request header OK-ACCESS-PASSPHRASE cannot be empty",
    "50105": "Request header OK-ACCESS-PASSPHRASE incorrect",
    "50106": "Request header OK-ACCESS-SIGN cannot be empty",
    "50107": "Request header OK-ACCESS-TIMESTAMP cannot be empty",
    "50110": "Your IP {} is not included in your API key's IP whitelist",
    "50111": "Invalid OK-ACCESS-KEY",
    "50112": "Invalid OK-ACCESS-TIMESTAMP",
    "50113": "Invalid Sign",
    "50114": "Invalid Authorization",
    "50115": "Invalid request method",
    "50119": "API key doesn't exist",
    "50120": "This API key doesn't have permission to use this function",
    "59506": "API key does not exist",
}
ORDERS = {
    "51000": "Parameter {} error",
    "51001": "Instrument ID, Instrument ID code, or Spread ID doesn't exist.",
    "51003": "Either client order ID or order ID is required.",
    "51005": "Your order amount exceeds the max order amount.",
    "51006": "Order price is not within the price limit (max buy price: {} min sell price: {}).",
    "51008": "Order failed. Insufficient {} balance in account",
    "51009": "Order placement function is blocked by the platform.",
    "51010": "Request unsupported under current account mode.",
    "51012": "Token does not exist.",
    "51014": "Index doesn't exist.",
    "51015": "Instrument ID does not match instrument type.",
    "51016": "Client order ID already exists.",
    "51020": "Your order should meet or exceed the minimum order amount.",
    "51044": "The order type is not allowed to set stop loss and take profit.",
    "51046": "The take profit trigger price must be higher than the order price.",
    "51047": "The stop loss trigger price must be lower than the order price.",
    "51048": "The take profit trigger price must be lower than the order price.",
    "51049": "The stop loss trigger price must be higher than the order price.",
    "51050": "The take profit trigger price must be higher than the best ask price.",
    "51051": "The stop loss trigger price must be lower than the best ask price.",
    "51052": "The take profit trigger price must be lower than the best bid price.",
    "51053": "The stop loss trigger price must be higher than the best bid price.",
    "51070": "You do not meet the requirements for switching to this account mode.",
    "51071": "You've reached the maximum limit for tag level cancel all after timers.",
    "51077": "Spot and options orders don't support split TPs or cost-price SL.",
    "51094": "TP limit orders are not supported for spot, margin and options.",
    "51102": "The number of pending orders has reached the limit.",
    "51109": "Order failed. There are no offers in the market.",
    "51111": "Maximum {} orders can be placed in bulk.",
    "51121": "Order quantity must be a multiple of the lot size.",
    "51131": "Insufficient balance.",
    "51137": "The highest price limit for buy orders is {}.",
    "51138": "The lowest price limit for sell orders is {}.",
    "51150": "The precision of the number of trades or the price exceeds the limit.",
    "51185": "The maximum value allowed per order is {} USD",
    "51201": "The value of a market order can't exceed the limit.",
    "51202": "Market order amount exceeds the maximum amount.",
    "51204": "The price for the limit order cannot be empty.",
    "51400": "Cancellation failed as the order has been filled, canceled or does not exist.",
    "51406": "Canceled order count exceeds the limit {}.",
    "51407": "Either order ID or client order ID is required.",
    "51500": "You must enter a price, quantity, or TP/SL",
    "51501": "Maximum of {} orders can be modified.",
    "51502": "Unable to edit order: insufficient balance or margin.",
    "51503": "Order modification failed as the order has been filled, canceled or does not exist.",
    "51506": "Order modification unavailable for the order type.",
    "51511": "Operation failed as the new price would take liquidity from a post-only order.",
    "51512": "Failed to amend orders in batches. You cannot have duplicate orders in the same"
    " amend-batch-orders request.",
    "51513": "The number of modification requests in progress for an order cannot exceed 3.",
    "51603": "Order does not exist",
    "51604": "Initiate a download request before obtaining the hyperlink.",
    "51607": "Your previous download request is still being processed.",
    "54036": "You cannot place fok orders under the STP mode Cancel Both.",
}
STRATEGIES = {
    "51065": "algoClOrdId already exists.",
    "51068": "{} already exists within algoClOrdId and attachAlgoClOrdId.",
    "51083": "The size of an attached TP/SL must be the size of its order.",
    "51084": "The number of SL orders attached to one order can't exceed {}.",
    "51178": "An attached TP/SL needs tpTriggerPx and tpOrdPx, or slTriggerPx and slOrdPx.",
    "51255": "The amount per order must be more than a thousandth of the total and not exceed it.",
    "51258": "The activation price of a sell order must be higher than the last price.",
    "51259": "The activation price of a buy order must be lower than the last price.",
    "51260": "Maximum of {} pending trailing stop orders can be held at the same time.",
    "51261": "Maximum of {} pending stop orders can be held at the same time.",
    "51262": "Maximum of {} pending iceberg orders can be held at the same time.",
    "51263": "Maximum of {} pending time-weighted orders can be held at the same time.",
    "51269": "The interval of a time-weighted order must be from 5 to 120 seconds.",
    "51270": "The price variance of a time-weighted order must be more than 0 and at most 1%.",
    "51272": "The price variance must be more than 0 and at most 1%.",
    "51274": "The total of a time-weighted order must be larger than its single order limit.",
    "51275": "The amount of a single stop-market order cannot exceed the upper limit.",
    "51277": "TP trigger price cannot be higher than the last price.",
    "51278": "SL trigger price cannot be lower than the last price.",
    "51279": "TP trigger price cannot be lower than the last price.",
    "51280": "SL trigger price cannot be higher than the last price.",
    "51282": "The price variance must be from 0.0001 to 0.01.",
    "51286": "The total must be at least twice the minimum order amount.",
    "51299": "Order did not go through. You can hold a maximum of {} orders of this type.",
    "51311": "The callback rate must be more than 0 and less than 1, the spread more than 0.",
    "51327": "closeFraction is only available for expiry futures and perpetual futures.",
    "51415": "Spot trading only supports the last price as trigger price.",
    "51416": "The order has been triggered and can't be canceled.",
    "51527": "Order modification failed. The TP/SL or strategy order does not exist.",
    "51531": "A stop order must keep either its take profit or its stop loss.",
    "51538": "Nothing was attached to this order when it was placed.",
    "51539": "The same attached TP/SL cannot be modified twice in one request.",
    "51543": "Only price and quantity of a TP/SL can be modified in spot trading.",
}
SOCKET = {
    "60004": "Invalid timestamp",
    "60005": "Invalid apiKey",
    "60006": "Timestamp request expired",
    "60007": "Invalid sign",
    "60009": "Login failed.",
    "60011": "Please log in",
    "60012": "Illegal request: {}",
    "60013": "Invalid args",
    "60014": "Requests too frequent",
    "60018": "Wrong URL or {} doesn't exist. Please use the correct URL, channel and parameters.",
    "60019": "Invalid op: {}",
    "60024": "Wrong passphrase",
    "60028": "The op is not supported by the current URL.",
    "60031": "The WebSocket endpoint does not support multiple or repeated logins.",
    "60032": "API key doesn't exist",
    "64001": "This channel has been migrated to the '/business' URL. Please subscribe using the new"
    " URL.",
    "64002": "This channel is not supported by '/business' URL. Please use '/private' URL(for"
    " private channels), or '/public' URL(for public channels).",
    "64003": "Your trading fee tier doesn't meet the requirement to access this channel",
    "64004": "Subscribe to both {} and books-l2-tbt for {} is not allowed. Unsubscribe books-l2-tbt"
    " first.",
    "64008": "The connection will soon be closed for a service upgrade. Please reconnect.",
}
REASONS = {
    "": "",
    "0": "Order canceled by the system.",
    "1": "Order was canceled by you",
    "13": "FOK order canceled because it could not be filled as a whole.",
    "14": "IOC order canceled because it could not be filled as a whole.",
    "15": "Order price is beyond the limit.",
    "20": "Cancel all after triggered.",
    "31": "POST_ONLY would take liquidity.",
    "32": "Self trade prevention.",
    "33": "The number of matches exceeds the limit of a taker order.",
}
"""Why an order was canceled, by its cancelSource."""
SENTENCES = GENERAL | CALLER | ORDERS | STRATEGIES | SOCKET
CLOSINGS = {
    4001: "Login failed.",
    4002: "Invalid request",
    4003: "APIKey subscription amount exceeds the limit 100.",
    4004: "No data received in 30s.",
    4005: "Buffer is full, cannot write data.",
    4006: "Abnormal disconnection",
    4007: "API key has been updated or deleted. Please reconnect.",
    4008: "The number of subscribed channels exceeds the maximum limit.",
    4009: "The number of subscription channels for this connection exceeds the limit",
}
"""Why a WebSocket is closed; https://www.okx.com/docs-v5/en/#error-code-websocket-close-frame."""
STATUS = {
    **dict.fromkeys(
        ("50000", "50002", "50004", "50006", "50014", "50015", "50016", "51000", "51406", "51501"),
        400,
    ),
    # The page says 200 of 50119; clients report 401: https://github.com/freqtrade/freqtrade/issues/9422
    **{str(code): 401 for code in (*range(50101, 50108), *range(50110, 50115), 50119)},
    "50005": 410,
    "50011": 429,
    "50013": 429,
    "50001": 503,
    "50026": 500,
    "50115": 405,
}
BARE = frozenset((401, 429))
"""Statuses whose body is the message and the code alone, without data."""


class WireError(Exception):
    """A refusal of a whole request: the code of the table and what fills its sentence."""

    def __init__(self, code: str, *details: str) -> None:
        super().__init__(code, *details)
        self.code = code
        self.text = sentence(code, *details)

    @property
    def status(self) -> int:
        """The HTTP status that carries this code."""
        return STATUS.get(self.code, 200)


def sentence(code: str, *details: str) -> str:
    """The text of a code, its gaps filled with `details`."""
    gaps = SENTENCES[code].count("{}")
    return SENTENCES[code].format(*(*details, *("parameter",) * gaps)[:gaps])
