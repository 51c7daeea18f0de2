"""Whom a source may connect to: the hosts its contract names, and nobody else.

Hosts are judged twice: by name before a request leaves, and by the address really connected to,
because a name may lead somewhere else a second later.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, urljoin, urlsplit

from requests import Request, RequestException

from pipelines.ingest.connectors.refusal import RefusedError


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """`host` as an address, where it is one; a mapped IPv4 address is that IPv4 address."""
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def plain_host(host: str) -> str:
    """A host as addresses name it: lower case, letters outside ASCII in their IDNA form."""
    host = host.strip("[]").lower()
    if host.isascii():
        return host
    try:
        return urlsplit(str(Request("GET", f"http://{host}/").prepare().url)).hostname or host
    except RequestException:
        return host  # no address can name it


class Hosts:
    """The host of a server's own address `base`, and those the contract adds.

    A host named by its address means that address; a host named by name may be public or in a
    private network, where a province's sharing platform is, but never this machine itself,
    link-local (where clouds keep their credentials) or multicast.
    """

    def __init__(self, base: str, others: tuple[str, ...] = ()) -> None:
        own = urlsplit(base).hostname or ""
        self.names = {plain_host(host) for host in (own, *others) if host}
        self._addresses = {_address(host) for host in self.names} - {None}
        if "localhost" in self.names:
            self._addresses |= {IPv4Address("127.0.0.1"), IPv6Address("::1")}

    def check(self, address: str) -> None:
        """Judge an address before it is asked.

        Raises:
            RefusedError: another scheme than http(s), or a host the contract does not allow.
        """
        parts = _parts(address)
        if parts.scheme not in ("http", "https"):
            raise RefusedError(f"an address of scheme {parts.scheme or '(none)'} is refused")
        if "@" in parts.netloc:
            raise RefusedError("an address with a user or a password in it is refused")
        if plain_host(parts.hostname or "") not in self.names:
            raise RefusedError(
                f"host {parts.hostname} is not allowed; if it is right, add it to the contract:"
                f" connector: {{hosts: [{parts.hostname}]}}"
            )

    def check_redirect(self, before: str, target: str) -> str:
        """Judge where a server sends us; returns the whole address.

        Raises:
            RefusedError: as `check`, or from https back to http.
        """
        try:
            after = urljoin(before, target)
            self.check(after)
        except ValueError:
            raise RefusedError("it redirects elsewhere: the address cannot be read") from None
        except RefusedError as error:
            raise RefusedError(f"it redirects elsewhere: {error}") from None
        if _parts(before).scheme == "https" and _parts(after).scheme != "https":
            raise RefusedError("it redirects from https to http, where everybody can read along")
        return after

    def check_peer(self, host: str, peer: str) -> None:
        """Judge the address that `host` turned out to be.

        Raises:
            RefusedError: it is this machine, link-local, multicast or nobody's.
        """
        address = _address(peer)
        if address in self._addresses:
            return
        if (
            address is None
            or address.is_loopback
            or address.is_link_local
            or address.is_multicast
            or address.is_unspecified
            or address.is_reserved
        ):
            raise RefusedError(
                f"host {host} leads to {peer}, which is refused; if it is right, name that address"
                " in the contract: connector: {hosts: […]}"
            )


def _parts(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        raise RefusedError("the address cannot be read") from None
