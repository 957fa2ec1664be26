"""Files and request bodies as rows: CSV, NDJSON, JSON and Parquet, plain or gzip, streamed."""

from dcx.metering.reader.files import open_rows, read_rows
from dcx.metering.reader.rows import BrokenError, Cells, Columns, Rows

__all__ = ["BrokenError", "Cells", "Columns", "Rows", "open_rows", "read_rows"]
