"""A cloud that behaves like a contact centre, on virtual time: moto, extended; a network that fails; callers."""

from functools import cache

import botocore.session

# moto's session and our door's parse the same service models: once is enough, and saves 0.7 s of each process.
botocore.session.create_loader = cache(botocore.session.create_loader)
