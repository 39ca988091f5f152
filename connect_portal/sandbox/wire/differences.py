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
    "candles_since_two_days": ("Bars are made of two days of minutes; older ones are not there."),
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
