"""Where GitHub keeps bundles of attestations: an address that it names is followed nowhere else.

The address comes in an answer of the API. Whoever could change it would have this server ask any host that it can reach.
"""

from __future__ import annotations

from urllib.parse import urlsplit

KEPT_AT = (".blob.core.windows.net", ".githubusercontent.com", ".github.com", ".ghe.com")
"""Storage that GitHub's own addresses lead to, as the ends of host names (seen: `tmaproduction.blob.core.windows.net`)."""


def is_bundle_host(url: str, api_url: str) -> bool:
    """Whether a bundle may be fetched there: from GitHub's storage, or the API's own host or one below it.

    GitHub Enterprise Server keeps bundles itself, or at a storage of Azure. An address with a name and password is none.
    """
    try:
        asked, ours = urlsplit(url), urlsplit(api_url)
        host, own, port = asked.hostname or "", ours.hostname or "", asked.port
    except ValueError:
        return False
    if not host or asked.username is not None or asked.password is not None:
        return False
    if own and host == own:  # whatever port: the stand-in keeps them at another one
        return True
    elsewhere = (*KEPT_AT, f".{own}") if own else KEPT_AT
    return asked.scheme == "https" and port in {None, 443} and host.endswith(elsewhere)
