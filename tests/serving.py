"""An application of a test on a real socket, in a thread of the test's own process, so that the test can change it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any, **__: Any) -> None:
        pass


@contextmanager
def serving(app: Flask, *, host: str = "127.0.0.1", tls: bool = False) -> Iterator[str]:
    """Serve an application until the end of the block, and give its address without a path."""
    server = make_server(host, 0, app, threaded=True, request_handler=_Quiet, ssl_context="adhoc" if tls else None)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://{host}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
