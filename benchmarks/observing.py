"""What counting, timing and logging cost a request: prints microseconds, as the service does both under `lpr serve`.

python benchmarks/observing.py
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp()  # before the metrics are imported: they look once

from flask import Flask, Response

from web.config import ServiceConfig, configure
from web.logs import observe
from web.metrics import Metrics, attach_metrics


def plain() -> Flask:
    """Return an application with one empty route."""
    app = Flask("web")
    configure(app, ServiceConfig())
    attach_metrics(app, Metrics())
    app.add_url_rule("/empty", view_func=lambda: Response("{}"), endpoint="empty")
    return app


def microseconds(app: Flask, *, requests: int = 5_000) -> float:
    """Return the least time a request took in five rounds."""
    client = app.test_client()
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        for _ in range(requests):
            client.get("/empty")
        best = min(best, (time.perf_counter() - began) / requests)
    return best * 1e6


def main() -> None:
    """Measure and print."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        counted, logged = plain(), plain()
        observe(counted, log_requests=False)
        observe(logged, log_requests=True, stream=nowhere)
        bare, with_metrics, with_both = microseconds(plain()), microseconds(counted), microseconds(logged)
    print(f"metrics {with_metrics - bare:.0f} µs a request, the log {with_both - with_metrics:.0f} µs more")
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"])


if __name__ == "__main__":
    main()
