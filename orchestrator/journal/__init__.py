"""What happened, append-only and hash-chained: the one memory of an execution."""
