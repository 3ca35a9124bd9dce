"""What all pages share: the folder, the overviews of runs, the tables of their samples."""

from dataclasses import dataclass, field

from starlette.requests import Request

from evalscope.app.outputs import NotThere, Outputs
from evalscope.app.overview import Overview, Overviews
from evalscope.app.progress import LineCounts
from evalscope.app.store import Store


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One outputs folder, looked at."""

    outputs: Outputs
    overviews: Overviews
    store: Store
    counts: LineCounts = field(default_factory=LineCounts)


def dashboard_of(request: Request) -> Dashboard:
    """The dashboard that a request is to."""
    dashboard: Dashboard = request.app.state.dashboard
    return dashboard


def run_of(request: Request) -> Overview:
    """The run that the address names.

    Raises:
        NotThere: it names none, or one that is not there.
    """
    name = request.query_params.get("run", "")
    if not name:
        raise NotThere(name)
    return dashboard_of(request).overviews.of(name)
