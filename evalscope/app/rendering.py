"""Pages out of templates: every text in them is escaped, and hidden signs in it are shown by name."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from evalscope.app.cells import shortened
from evalscope.app.filters import address
from evalscope.app.words import LANGUAGES, preferred, speaker
from evalscope.core.hidden import named
from evalscope.reports.charts.svg import number, shade
from evalscope.reports.table import warnings_of
from evalscope.reports.told import tally
from evalscope.reports.words import CLASSES

HERE = Path(__file__).parent
THEMES = ("light", "dark")


def language_of(request: Request) -> str:
    """The language that the address asks for, else that of an earlier choice, else the browser's."""
    for wanted in (request.query_params.get("lang", ""), request.cookies.get("lang", "")):
        if wanted in LANGUAGES:
            return wanted
    return preferred(request.headers.get("accept-language", ""))


def theme_of(request: Request) -> str:
    """Light or dark, where either was asked for; empty for the system's own."""
    wanted = request.query_params.get("theme", request.cookies.get("theme", ""))
    return wanted if wanted in THEMES else ""


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """The page; a language or theme in its address is kept for the next ones."""
    language = language_of(request)
    say = speaker(language)
    content = _environment().get_template(template).render(
        request_path=request.url.path,
        language=language,
        languages=LANGUAGES,
        theme=theme_of(request),
        classes={name: say(words) for name, words in CLASSES.items()},
        switched=lambda **words: switched(request, **words),
        _=say,
        **values,
    )  # fmt: skip
    response = HTMLResponse(content, status)
    for name in ("lang", "theme"):
        if name in request.query_params:
            response.set_cookie(name, request.query_params[name][:8], max_age=31_536_000, samesite="strict")
    return response


def switched(request: Request, **words: str) -> str:
    """The address of this very page with these words changed."""
    rest = [(name, value) for name, value in request.query_params.multi_items() if name not in words]
    return f"{request.url.path}?{urlencode([*rest, *words.items()], errors='replace')}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters |= {
        "number": _number,
        "short": shortened,
        "shade": shade,
        "tally": tally,
        "warnings": warnings_of,
    }
    environment.globals |= {"address": address}
    return environment


def _shown(value: Any) -> Any:
    """Texts with their hidden signs by name; what is HTML already has passed here before."""
    return named(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _number(value: float | None) -> str:
    return "–" if value is None else number(value)


def plain(values: Mapping[str, Any]) -> dict[str, str]:
    """Values of a report as short texts."""
    return {str(name): "–" if value is None else shortened(str(value), 300) for name, value in values.items()}
