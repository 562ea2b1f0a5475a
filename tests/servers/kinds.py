"""Every kind of place there is to deliver to, by name."""

from servers.apache import Apache
from servers.nginx import Nginx
from servers.place import MakePlace
from servers.xrootd_http import XRootDHttp

KINDS: dict[str, MakePlace] = {
    "apache": Apache,
    "nginx": Nginx,
    "xrootd-http": XRootDHttp,
}
