"""Where requests to the simulated Chime SDK Voice arrive: everything below the service's host."""

from __future__ import annotations

from .responses import Response

url_bases = [r"https?://voice-chime\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/(?P<anything>.+)$": Response.dispatch}
