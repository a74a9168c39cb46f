"""Amazon WorkSpaces as far as remote agents need it: desktops that are made, started, stopped and kept running.

moto makes desktops and nothing more, and brings the whole of EC2 with it; this is a service of our own in its place. An
operation without rules here is refused aloud.
"""
