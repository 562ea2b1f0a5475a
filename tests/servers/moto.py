"""A prefix in a bucket of moto's S3 server, which is a process of its own."""

import base64
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from runfolio.mover.settings import S3Destination
from servers.started import reserved_port

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing as well",
    "AWS_CONFIG_FILE": "/nonexistent",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
    "BOTO_CONFIG": "/nonexistent",
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": "127.0.0.1",
}
"""Credentials (moto takes any), and that boto3 looks for others nowhere, here or on the network."""

TESTS = Path(__file__).parents[1]


class Moto:
    """The place."""

    def __init__(self, directory: Path) -> None:
        """Start it, and have boto3 in this process know of nothing else.

        The server has all in memory: what has to outlive a stop is kept here meanwhile, but for uploads in
        parts that are not complete.
        """
        for name in [each for each in os.environ if each.startswith("AWS_")]:
            del os.environ[name]
        os.environ.update(ENVIRONMENT)
        self._directory = directory
        self._process: subprocess.Popen[str] | None = None
        self._kept: dict[str, tuple[str, ...]] = {}
        self._port = reserved_port(self)
        self.start()
        self.settings = S3Destination(
            name="bucket",
            url="s3://archive/mice/end%20of%20run",
            endpoint=f"http://127.0.0.1:{self._port}",
            timeout=30,
        )

    def files(self) -> dict[str, bytes]:
        kept = self.ask("keep") if self._process else self._kept
        below = self.key("")
        return {key.removeprefix(below): base64.b64decode(data) for key, (data, *_) in kept.items()}

    def damage(self, path: str, at: int = 0) -> None:
        self.ask("damage", self.key(path), at)

    def key(self, path: str) -> str:
        """Return the name in the bucket."""
        return f"{self.settings.path.strip('/')}/{path}"

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGCONT)  # one that a test has halted answers nothing
        self._kept = self.ask("keep")
        self._process.kill()
        self._process.communicate()
        self._process = None

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self._process is not None, "it does not run"
        self._process.send_signal(number)

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "servers.moto_process"],
            cwd=self._directory,
            env=os.environ | {"PYTHONPATH": str(TESTS), "S3_UPLOAD_PART_MIN_SIZE": "1000"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.ask("start", self._port, self._kept)

    def ask(self, method: str, *arguments: object) -> Any:
        """Have it do something; return what it answers."""
        assert self._process is not None, "it does not run"
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([method, *arguments]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())
