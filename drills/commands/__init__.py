"""Commands that drills add to the command line."""
