"""How gunicorn is started: it runs `service:create_app()` in processes that share the model's memory-mapped pages."""

from __future__ import annotations

from ipaddress import ip_address

ACCESS_LOG_FORMAT = '%(h)s "%(r)s" %(s)s %(B)s bytes %(M)s ms id=%({x-request-id}o)s'


def is_loopback_host(host: str) -> bool:
    """Tell whether listening on a host can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def gunicorn_arguments(address: str, *, workers: int, threads: int, access_log: bool) -> list[str]:
    """Return the arguments after `python` that start the service; its settings travel in the environment.

    The application is loaded before the processes fork. A process that is told to stop finishes what it is answering,
    for at most 30 s.
    """
    arguments = ["-m", "gunicorn", "service:create_app()", "--bind", address, "--preload", "--no-control-socket"]
    arguments += ["--workers", str(workers), "--threads", str(threads), "--graceful-timeout", "30", "--timeout", "60"]
    if access_log:
        arguments += ["--access-logfile", "-", "--access-logformat", ACCESS_LOG_FORMAT]
    return arguments
