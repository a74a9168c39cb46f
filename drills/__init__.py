"""Game days: the same runner and the same actions, with a simulated cloud behind the door."""
