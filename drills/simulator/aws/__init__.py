"""moto, extended from outside: each operation keeps state and enforces the rules of the service."""
