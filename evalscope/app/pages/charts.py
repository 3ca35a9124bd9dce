"""Charts as files."""

from starlette.requests import Request
from starlette.responses import Response

from evalscope.app.dashboard import dashboard_of, run_of
from evalscope.app.outputs import NotThere
from evalscope.app.pages.compare import COMPARED_CHARTS, chosen_runs
from evalscope.app.pages.run import CHARTS
from evalscope.app.rendering import language_of


def chart_file(request: Request) -> Response:
    """The chart of that name as an SVG file.

    Raises:
        NotThere: there is none, or nothing to draw.
    """
    name, language = request.path_params["name"], language_of(request)
    dashboard = dashboard_of(request)
    if name in COMPARED_CHARTS:
        drawn = COMPARED_CHARTS[name](chosen_runs(request), language)
    elif name in CHARTS:
        run = run_of(request)
        drawn = CHARTS[name](dashboard, run, dashboard.store.samples(run), language)
    else:
        raise NotThere(name)
    if not drawn:
        raise NotThere(name)
    headers = {"Content-Disposition": f'attachment; filename="{name}.svg"'}
    return Response(drawn, media_type="image/svg+xml", headers=headers)
