"""Amazon Chime SDK Voice as far as a failover of calls needs it: Voice Connectors, their origination, and their groups.

moto has no such service: all of it is ours.
"""
