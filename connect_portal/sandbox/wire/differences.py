"""Where the sandbox knowingly differs from the venue, or decides what its pages leave open.

One table: `manage.py wire` prints it, and each line has its test in `tests/sandbox/differences/`.
"""

DIFFERENCES = {
    "stablecoin_fee_group": (
        "Stablecoin pairs are fee group 11 with a maker rate of zero; OKX publishes the rate but"
        " no group for them."
    ),
    "position_sides_on_spot": (
        "posSide long and short are taken and echoed on conditional and oco orders in"
        " long_short_mode; anywhere else on spot they are 51000."
    ),
    "failed_strategy_order": (
        "A strategy order that is refused answers with code 1 on top; recorded answers of the"
        " venue have been seen with 0."
    ),
    "off_tick_price": (
        "A price off the tick is 51150; no page of the venue says which code it uses."
    ),
    "market_order_without_counterparts": (
        "A market order that finds an empty other side is refused with 51109 instead of being"
        " accepted and canceled."
    ),
    "no_way_out": (
        "Currencies can be neither deposited nor withdrawn: paper money comes from the faucet and"
        " stays."
    ),
    "business_clock": (
        "Orders, fills and candles carry business time, which the operator can move forward;"
        " public/time and signatures stay on wall time."
    ),
    "bars_since_two_days": (
        "Bars below an hour are made of two days of minutes, longer ones of ninety days of hours;"
        " older ones are not there."
    ),
    "prints_of_late": (
        "Older prints are the last thousand or two of each pair; bars of a second are made of them."
    ),
    "price_band": (
        "The price limit is ten times and a tenth of the last price, enough to catch one digit too"
        " many; the venue's follows an index and is far narrower."
    ),
    "own_index": ("The index of a pair is its own last price: there is no other source here."),
    "exchange_rate": ("The rate of the dollar in renminbi is a fixed example."),
    "size_limits": (
        "The largest order of a pair is a power of ten that is worth about ten billion at the"
        " pair's first price; the venue publishes its own figures."
    ),
    "one_account": ("Funding and trading account are one, and show the same balances."),
    "spot_mode_only": ("An account is in spot mode; another level is refused with 51070."),
    "fee_in_what_is_received": (
        "Fees are charged in the currency received; feeType 1, in quote, is refused with 50062."
    ),
    "account_rate_limit": (
        "Every account may place and amend 1000 orders in two seconds; no fill ratio widens that."
    ),
    "quote_currency_of_the_pair": (
        "tradeQuoteCcy must be one of the pair's list and is echoed; money moves in the quote"
        " currency of the pair's name."
    ),
    "keys_last": (
        "A key that may trade and is bound to no address does not expire after fourteen idle days."
    ),
    "cross_is_cash": (
        "tdMode cross is taken for spot, as clients send it, and echoed; it means cash."
    ),
    "windows_of_limits": (
        "The window of a limit opens with the first request and closes after its seconds; the venue"
        " does not say how it counts."
    ),
    "reports_soon": ("A file of rebates is ready after half a minute instead of about two hours."),
    "withdraw_is_only_data": (
        "A key may carry the withdraw permission, and there is nothing that it could withdraw with."
    ),
    "connections_wait": (
        "Of more than three new connections a second from one address the next ones wait for"
        " their turn; after eight seconds of waiting they are turned away with HTTP 429."
    ),
    "twap_interval": (
        "timeInterval of a twap order is 5 to 120 seconds, as the venue's help says; its API"
        " reference gives no bounds."
    ),
}
