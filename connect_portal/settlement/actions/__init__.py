"""Writes of this room. Each owns its transaction; whoever settles an institution holds its
cursor's row lock, so accruing and closing never meet."""
