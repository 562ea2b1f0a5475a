"""Every kind of place there is to deliver to, by name."""

from servers import command, file
from servers.apache import Apache
from servers.moto import Moto
from servers.nginx import Nginx
from servers.place import MakePlace
from servers.sshd import Sshd
from servers.xrootd import XRootDPlace
from servers.xrootd_http import XRootDHttp

KINDS: dict[str, MakePlace] = {
    "apache": Apache,
    "command": command.make_place,
    "file": file.make_place,
    "nginx": Nginx,
    "s3": Moto,
    "sftp": Sshd,
    "xrootd": XRootDPlace,
    "xrootd-http": XRootDHttp,
}
