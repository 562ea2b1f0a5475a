"""boto3's client for a destination, and the credentials that it found."""

from typing import IO, Any

import boto3  # type: ignore[import-untyped]
from botocore.awsrequest import AWSConnection  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]

from runfolio.errors import Refused, in_one_line
from runfolio.mover.destinations.s3_answers import bound_answers
from runfolio.mover.settings import S3Destination

__all__ = ["find_credentials", "open_client", "open_session"]


def open_session(settings: S3Destination) -> Any:
    """Return what knows the profile."""
    return boto3.session.Session(profile_name=settings.profile, region_name=settings.region)


def find_credentials(session: Any, where: str) -> Any:
    """Return the credentials, wherever boto3 finds them.

    Raises:
        Refused: there are none.

    """
    found = session.get_credentials()
    if found is None:
        raise Refused(
            f"{where}: no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY,"
            " or name a profile of ~/.aws/credentials in the settings"
        )
    return found


def open_client(session: Any, settings: S3Destination) -> Any:
    """Return a client; nothing is sent yet.

    Raises:
        Refused: the endpoint is no URL.

    """
    AWSConnection._consume_headers = _consume_headers  # noqa: SLF001 - see there
    config = Config(
        connect_timeout=settings.timeout,
        read_timeout=settings.timeout,
        retries={"total_max_attempts": 1},  # who delivers decides when to try again
        # Digests are given, not left to boto3's choice: older servers don't know what it likes now.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={
            "addressing_style": "path" if settings.endpoint else "auto",
            "payload_signing_enabled": True,  # servers that know no other digest check this one
        },
    )
    try:
        client = session.client("s3", endpoint_url=settings.endpoint, config=config)
    except ValueError as error:
        raise Refused(f"{settings.url}: {in_one_line(error)}: correct the endpoint") from error
    bound_answers(client, settings.timeout)
    return client


def _consume_headers(_connection: object, answer: IO[bytes]) -> None:
    """Read on to the empty line after `100 Continue`, by which a server asks for the file.

    botocore's own (1.44) reads for ever, and as fast as it can, where the connection ends before that line.
    """
    while (line := answer.readline()) != b"\r\n":
        if not line:
            raise ConnectionResetError("the connection ended within its answer")
