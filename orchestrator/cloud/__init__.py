"""The one door to AWS, and everything that makes calls through it safe: sorting, pacing, homes, names."""
