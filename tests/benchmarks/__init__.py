"""Races of our own ways against yardsticks; `make bench` prints one JSON line for each.

A race runs ours and its yardstick in turns, round by round, so that a busy moment meets both; the
ratio is the median of the ratios of single rounds, with the smallest and the largest beside it.
"""
