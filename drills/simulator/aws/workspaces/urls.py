"""Where requests to the simulated WorkSpaces arrive: everything below the service's host, in either protocol."""

from __future__ import annotations

from .responses import Response

url_bases = [r"https?://workspaces\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/(?P<anything>.*)$": Response.dispatch}
