"""Tools without tables and without words of ours; every room may use them."""
