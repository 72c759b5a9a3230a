"""Addresses in what outside sources write."""

import re
from collections.abc import Collection
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

# Marks that tell where a reader came from, not what is read.
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|mc_[ce]id|at_\w+|cmpid", re.IGNORECASE)


def absolute(link: str, base: str) -> str:
    """A link as it is seen from an address, in ASCII; empty where it leads nowhere."""
    try:
        address = urljoin(base, link.strip())
        return quote(address, safe=":/?#[]@!$&'()*+,;=%~-._") if urlsplit(address).hostname else ""
    except ValueError:
        return ""


def canonical(link: str) -> str:
    """An address without what differs between readers: case of the host, tracking, fragment."""
    parts = urlsplit(link)
    query = [each for each in parse_qsl(parts.query) if not _TRACKING.fullmatch(each[0])]
    return urlunsplit(
        (
            "https" if parts.scheme == "http" else parts.scheme,
            parts.netloc.lower().removeprefix("www."),
            parts.path.rstrip("/"),
            urlencode(query),
            "",
        )
    )


def host(address: str) -> str:
    """The host of an address without its "www.", or nothing."""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def leads_to(link: str, hosts: Collection[str]) -> bool:
    """Whether a link is HTTPS, carries no name or password, and leads to a host or under it."""
    there = host(link)
    return (
        link.startswith("https://")
        and "@" not in urlsplit(link).netloc
        and any(there == each or there.endswith(f".{each}") for each in hosts)
    )
