"""Parquet as rows, a piece at a time that fits in memory."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, BinaryIO

from dcx.metering.reader.rows import BrokenError, Rows, checked_head

_PIECE = 4 * 1024 * 1024
_MOST_ROWS = 4_096


def parquet_rows(stream: BinaryIO) -> Rows:
    """The rows of a Parquet file; pyarrow is large and loaded only here. BrokenError where it is
    none.
    """
    parquet, arrow = import_module("pyarrow.parquet"), import_module("pyarrow")
    try:
        file = parquet.ParquetFile(stream, pre_buffer=False)
        columns = checked_head(file.schema_arrow.names)
        for batch in file.iter_batches(batch_size=_rows_at_once(file.metadata)):
            lists = [_cells(arrow, column) for column in batch.columns]
            for cells in zip(*lists, strict=True):
                yield columns, cells, ""
    except arrow.ArrowException as error:
        raise BrokenError(f"is not readable Parquet ({error})") from error


def _rows_at_once(metadata: Any) -> int:
    groups = [metadata.row_group(place) for place in range(metadata.num_row_groups)]
    size: int = sum(group.total_byte_size for group in groups) // max(metadata.num_rows, 1)
    return max(1, min(_MOST_ROWS, _PIECE // max(size, 1)))


def _cells(arrow: Any, column: Any) -> Sequence[Any]:
    """The column's values; one that Python cannot hold costs its row only."""
    if arrow.types.is_timestamp(column.type) and column.type.unit == "ns":
        column = column.cast(arrow.timestamp("us", column.type.tz), safe=False)
    try:
        return list(column.to_pylist())
    except (ValueError, OverflowError):
        return [_cell(value) for value in column]


def _cell(value: Any) -> Any:
    try:
        return value.as_py()
    except UnicodeDecodeError:
        return value.as_buffer().to_pybytes().decode("utf-8", "surrogateescape")
    except (ValueError, OverflowError):
        return f"a {value.type} out of range"
