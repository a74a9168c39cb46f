"""Amazon WorkSpaces as far as remote agents need it: desktops that are made, started, stopped and kept running.

moto makes desktops and shows them; what becomes of them in time is put on top, and the rest is moto's. With it comes
the whole of moto's EC2, which takes 0.7 s to import.
"""
