"""The nouns that every room shares. Imports nothing of ours, and neither boto3, networkx nor Pulumi."""
