"""The dashboard as a web application, and the server that brings it to a browser."""

import secrets
import socket
from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from evalscope.app.dashboard import Dashboard
from evalscope.app.guard import Guard, is_loopback
from evalscope.app.outputs import NotThere, Outputs
from evalscope.app.overview import Overviews
from evalscope.app.pages.charts import chart_file
from evalscope.app.pages.compare import differences_csv, flips_csv, show_comparison
from evalscope.app.pages.run import run_progress, scores_csv, show_run
from evalscope.app.pages.runs import runs_csv, show_runs
from evalscope.app.pages.sample import show_sample
from evalscope.app.pages.samples import samples_csv, show_samples
from evalscope.app.rendering import HERE, page
from evalscope.app.store import Store
from evalscope.errors import ConfigError

PAGES: dict[str, Callable[[Request], Response]] = {
    "/": show_runs,
    "/run": show_run,
    "/samples": show_samples,
    "/sample": show_sample,
    "/compare": show_comparison,
    "/progress": run_progress,
    "/csv/runs": runs_csv,
    "/csv/scores": scores_csv,
    "/csv/samples": samples_csv,
    "/csv/differences": differences_csv,
    "/csv/flips": flips_csv,
    "/charts/{name}.svg": chart_file,
}


def make_app(outputs: Outputs, store: Store, *, host: str = "127.0.0.1", token: str = "") -> Guard:
    """The application behind its guard.

    Args:
        outputs: where runs lie.
        store: of their samples.
        host: that the server listens on.
        token: that a browser has to bring; empty where none is needed.
    """
    routes = [Route(path, shown) for path, shown in PAGES.items()]
    static = Mount("/static", StaticFiles(directory=HERE / "static", packages=[("evalscope.reports", "static")]))
    app = Starlette(
        routes=[*routes, static],
        exception_handlers={NotThere: _not_found, FileNotFoundError: _not_found, 404: _not_found},
    )
    app.state.dashboard = Dashboard(outputs, Overviews(outputs), store)
    return Guard(app, host=host, token=token)


def serve(root: Path, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Serves the dashboard until it is stopped.

    Args:
        root: the outputs folder.
        host: to listen on; any that other machines can reach needs a token.
        port: to listen on; 0 for a free one.
        announce: is told the address, with the token where one is needed.

    Raises:
        ConfigError: the folder is none, or the address cannot be listened on.
    """
    import uvicorn

    outputs = Outputs(root)
    token = "" if is_loopback(host) else secrets.token_urlsafe(24)
    with _listening(host, port) as listener:
        store = Store(outputs)
        try:
            app = make_app(outputs, store, host=host, token=token)
            config = uvicorn.Config(
                app, log_level="warning", access_log=False, server_header=False, proxy_headers=False, lifespan="off"
            )
            shown = f"[{host}]" if ":" in host else host
            address = f"http://{shown}:{listener.getsockname()[1]}/"
            announce(f"{address}?token={token}" if token else address)
            uvicorn.Server(config).run(sockets=[listener])
        finally:
            store.close()


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise ConfigError(f"{host}:{port} cannot be listened on: {error}; choose another --host or --port") from error


def _not_found(request: Request, error: Exception) -> Response:
    return page(request, "not_found.html", status=404)
