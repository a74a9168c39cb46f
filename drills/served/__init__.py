"""The simulated cloud as a server: the same world, in real or sped-up time, for clients in other processes."""
