"""S3 as moto plays it, on this machine, with the bucket `news`; one call after another.

Moto looks whether there is a file and puts it in two steps, between which another call may do the same. Amazon's
service does both at once, and the tests of exclusive creation depend on it.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import fsspec
import pytest
from moto.backends import get_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from collections.abc import Iterator

BUCKET = "news"
REGION = "eu-central-1"
SECRET = "hunter2"


class _Quiet(MotoRequestHandler):
    def log(self, *_: object) -> None:
        """Print nothing: the lines would be taken for ours."""


@contextmanager
def serving() -> Iterator[str]:
    """Run the service and lead this process and its children to it; give its address."""
    dispatcher, turn = DomainDispatcherApplication(create_backend_app), threading.Lock()

    def in_turn(environ: dict[str, Any], start_response: Any) -> Any:
        with turn:
            return dispatcher(environ, start_response)

    get_backend("s3").reset()
    server = make_server("127.0.0.1", 0, in_turn, threaded=True, request_handler=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with leading_to(f"http://127.0.0.1:{server.server_port}") as address:
        client = boto3.client("s3")
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        client.close()
        yield address
    server.shutdown()


@contextmanager
def leading_to(address: str) -> Iterator[str]:
    """Lead this process and its children to the service at *address*, as AWS's own variables do."""
    ways = {
        "ENDPOINT_URL": address,
        "ACCESS_KEY_ID": "key",
        "SECRET_ACCESS_KEY": SECRET,
        "DEFAULT_REGION": REGION,
        "MAX_ATTEMPTS": "1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, way in ways.items():
            patch.setenv(f"AWS_{name}", way)
        # fsspec keeps its clients, and one of another test leads to another server.
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        yield address
    fsspec.get_filesystem_class("s3").clear_instance_cache()
