"""Amazon Connect, simulated: moto's backend extended from outside with what a failover meets."""
