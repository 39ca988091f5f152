"""Terms: commission plans as versions, and the pure rule that turns a fee into a commission.

OKX publishes no commission table for Connect in the US, so the shipped plan is an example taken
from the broker tiers published for the global site, and says so. Rooms above read ``queries``.
"""
