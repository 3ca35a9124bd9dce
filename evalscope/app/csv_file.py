"""Tables as CSV files that no spreadsheet takes for formulas."""

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence

from starlette.responses import StreamingResponse

from evalscope.app.cells import cell
from evalscope.runs.lenient import text_of


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingResponse:
    """The file, written as it is read; UTF-8 with a byte order mark, which spreadsheets need."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(_written(head, rows), media_type="text/csv; charset=utf-8", headers=headers)


def _written(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    out = io.StringIO()
    writer = csv.writer(out)
    out.write("\ufeff")
    writer.writerow(head)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        if out.tell() > 65_536:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, float) and math.isnan(value):
        return ""
    return value if isinstance(value, int | float) else cell(text_of(value))
