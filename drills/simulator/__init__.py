"""A cloud that behaves like a contact centre, on virtual time: moto, extended; a network that fails; callers."""
