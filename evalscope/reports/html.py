"""The run as one self-contained page, which needs no network; without scripts it can be read too."""

from evalscope.runs.folder import RunFolder

MOST_SAMPLES = 300
"""So many are shown of a run; each data set has its share, and a few at least."""

FEWEST_SAMPLES = 6

MOST_CONFIG = 1 << 18
"""So much of the run's record is shown, in characters."""


def write_page(folder: RunFolder) -> None:
    """Writes the page over all reports that lie in the run, replacing the old one all at once."""
    from evalscope.reports.figures import read_figures
    from evalscope.reports.rendering import render_page
    from evalscope.reports.results import read_result
    from evalscope.reports.samples import some_samples
    from evalscope.reports.told import Told

    read = {
        path: read_result(path)
        for model in folder.all_reports()
        for path in sorted(model.glob("*.json"))
        if path.is_file()
    }
    results = [result for result in read.values() if result is not None]
    most = max(FEWEST_SAMPLES, MOST_SAMPLES // max(1, len(results)))
    told = [Told(one, read_figures(folder, one), some_samples(folder, one, most)) for one in results]
    unreadable = [f"{path.parent.name}/{path.name}" for path, result in read.items() if result is None]
    config = folder.task_config.read_text(encoding="utf-8", errors="replace") if folder.task_config.is_file() else ""
    page = folder.html_report
    page.parent.mkdir(parents=True, exist_ok=True)
    fresh = page.with_name(f".{page.name}.new")
    content = render_page(folder.root.name, folder.root.parent.name, told, config[:MOST_CONFIG], unreadable)
    fresh.write_text(content, encoding="utf-8")
    fresh.replace(page)
