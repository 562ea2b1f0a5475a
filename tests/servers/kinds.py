"""Every kind of place there is to deliver to, by name."""

from servers.place import MakePlace

KINDS: dict[str, MakePlace] = {}
