"""Every sentence and status the venue says no with, in one table.

Codes and HTTP statuses: https://www.okx.com/docs-v5/en/#error-code
"""

SENTENCES = {
    "1": "All operations failed",
    "2": "Bulk operation partially succeeded.",
    "50000": "Body for POST request cannot be empty.",
    "50001": "Service temporarily unavailable. Try again later.",
    "50002": "JSON syntax error",
    "50004": "API endpoint request timeout. It may have succeeded or not: check the result.",
    "50006": 'Invalid Content-Type. Please use "application/json".',
    "50008": "User does not exist.",
    "50011": "Too Many Requests",
    "50013": "Systems are busy. Please try again later.",
    "50014": "Parameter {} cannot be empty.",
    "50015": "Either parameter {} or {} is required",
    "50025": "Parameter {} count exceeds the limit {}",
    "50026": "System error. Try again later",
    "50071": "{} already exists",
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
    "50115": "Invalid request method",
    "50119": "API key doesn't exist",
    "50120": "This API key doesn't have permission to use this function",
    "51000": "Parameter {} error",
    "51001": "Instrument ID, Instrument ID code, or Spread ID doesn't exist.",
    "51005": "Your order amount exceeds the max order amount.",
    "51008": "Order failed. Insufficient {} balance in account",
    "51012": "Token does not exist",
    "51016": "Client order ID already exists.",
    "51020": "Your order should meet or exceed the minimum order amount.",
    "51044": "The order type is not allowed to set stop loss and take profit.",
    "51065": "algoClOrdId already exists.",
    "51102": "The number of pending orders has reached the limit.",
    "51109": "Order failed. There are no offers in the market.",
    "51121": "Order quantity must be a multiple of the lot size.",
    "51150": "The precision of the number of trades or the price exceeds the limit.",
    "51201": "The value of a market order can't exceed the limit.",
    "51299": "The number of pending strategy orders has reached the limit.",
    "51400": "Cancellation failed as the order has been filled, canceled or does not exist.",
    "51500": "You must enter a price, quantity, or TP/SL",
    "51503": "Order modification failed as the order has been filled, canceled or does not exist.",
    "51511": "Operation failed as the new price would take liquidity from a post-only order.",
    "51603": "Order does not exist",
    "60004": "Invalid timestamp",
    "60005": "Invalid apiKey",
    "60006": "Timestamp request expired",
    "60007": "Invalid sign",
    "60009": "Login failed.",
    "60011": "Please log in",
    "60012": "Invalid request: {}",
    "60013": "Invalid args",
    "60018": "Wrong URL or {} doesn't exist. Please use the correct URL, channel and parameters.",
    "60019": "Invalid op: {}",
    "60024": "Wrong passphrase",
    "60028": "The op is not supported by the current URL.",
    "60031": "The WebSocket endpoint does not support multiple or repeated logins.",
}
STATUS = {
    "50000": 400,
    "50001": 503,
    "50002": 400,
    "50004": 400,
    "50006": 400,
    "50011": 429,
    "50013": 429,
    "50014": 400,
    "50015": 400,
    "50026": 500,
    "50115": 405,
    "51000": 400,
} | {str(code): 401 for code in (*range(50101, 50108), *range(50110, 50115))}


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
