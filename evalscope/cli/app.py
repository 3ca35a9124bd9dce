"""evalscope app: the dashboard in a browser."""

from collections.abc import Sequence
from pathlib import Path

from evalscope.arguments import Parser
from evalscope.errors import ConfigError, MissingDependency
from evalscope.reports.table import print_text

HOST, PORT = "127.0.0.1", 7860


def main(argv: Sequence[str]) -> int:
    """Serves the dashboard until Ctrl-C."""
    parser = Parser(
        prog="evalscope app",
        description="Look at runs in a browser: scores with their intervals, every sample, comparisons. The folder is "
        "only read.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--outputs",
        metavar="DIR",
        default="outputs",
        help="folder under which runs lie, at any depth (default: outputs)",
    )
    parser.add_argument(
        "--host",
        default=HOST,
        help=f"address to listen on (default: {HOST}); one that other machines can reach asks for a token",
    )
    parser.add_argument("--port", default=str(PORT), metavar="N", help=f"port; 0: a free one (default: {PORT})")
    flags = parser.read(argv)
    if not flags.port.isdecimal() or int(flags.port) > 65_535:
        raise ConfigError(f"--port: a whole number up to 65535 is needed; found {flags.port!r}")
    try:
        from evalscope.app.server import serve

        serve(Path(flags.outputs), flags.host, int(flags.port), _announce)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "evalscope":
            raise
        raise MissingDependency("the dashboard", "app") from error
    except KeyboardInterrupt:
        return 0  # how a dashboard is put away
    return 0


def _announce(address: str) -> None:
    print_text(f"dashboard on {address} (Ctrl-C ends it)")
