"""The session that reaches GitHub: private certificate authorities, and proxies as the environment names them."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import unquote
from urllib.request import getproxies, proxy_bypass

import aiohttp
from yarl import URL

from app.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where a request goes first; the headers may hold the proxy's password."""

    url: URL
    headers: Mapping[str, str] = field(repr=False)


Proxies = Callable[[URL], Proxy | None]


def open_session(
    ca_bundle: str = "", middlewares: Sequence[aiohttp.ClientMiddlewareType] = ()
) -> aiohttp.ClientSession:
    """A session that trusts the system's authorities and those in the PEM file `ca_bundle`. The caller closes it.

    `middlewares` see every request last, right before it goes out.

    Its `trust_env` stays off: that would look for passwords in `.netrc` and ask the environment in a thread each time;
    the transport asks `proxy_for`.

    Raises:
        SettingsError: the file cannot be read as certificates.
    """
    context = ssl.create_default_context()
    if ca_bundle:
        try:
            context.load_verify_locations(cafile=ca_bundle)
        except (OSError, ssl.SSLError) as exc:
            raise SettingsError(
                f"HEPHAESTUS_CA_BUNDLE names {ca_bundle}, which cannot be read as certificates: {exc}. "
                "Name a file of certificates in PEM form"
            ) from exc
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context), middlewares=middlewares)


def proxy_for(url: URL) -> Proxy | None:
    """What `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say for this address; this machine itself is never behind a proxy."""
    host = url.host or ""
    if _is_loopback(host) or proxy_bypass(host):
        return None
    found = getproxies().get(url.scheme)
    if not found:
        return None
    proxy = URL(found if "://" in found else f"http://{found}")
    if proxy.raw_user is None:
        return Proxy(proxy, {})
    login = aiohttp.encode_basic_auth(unquote(proxy.raw_user), unquote(proxy.raw_password or ""))
    return Proxy(proxy.with_user(None), {"Proxy-Authorization": login})


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
