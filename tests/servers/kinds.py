"""Every kind of place there is to deliver to, by name."""

from servers import file
from servers.place import MakePlace
from servers.sshd import Sshd

KINDS: dict[str, MakePlace] = {"file": file.make_place, "sftp": Sshd}
