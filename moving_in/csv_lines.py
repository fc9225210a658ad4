"""CSV as spreadsheets and databases write it (RFC 4180), read line by line: bytes in, cells by the names of their columns out.

Read are UTF-8, with or without a byte order mark; a header; commas, or semicolons where the header has these and no comma;
line ends as they come, also within quotation marks.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from api.csv_files import defused

MOST_CHARACTERS = 20_000
"""Of one cell: what is longer is no text of a gift."""

_SAVE_AS_UTF8 = "the file must be UTF-8; save it as CSV UTF-8"

_IS_TOO_LONG = "field larger"
"""What the csv module says of a cell of more characters."""

_NOT_UTF8 = re.compile("[\udc80-\udcff]")
"""What surrogateescape makes of a byte that is none."""


class UnreadableFile(ValueError):
    """It is no CSV file that could be read on; the message is a sentence that says where, and what would be right."""


@dataclass(frozen=True)
class Line:
    """One record: the number of the file's line that it begins on, and its cells that are not empty, by column."""

    number: int
    cells: Mapping[str, str]
    fault: str = ""
    """Why its cells cannot be told apart; they are none then."""


def lines_of(file: BinaryIO, columns: Sequence[str], required: Sequence[str]) -> Iterator[Line]:
    """The file's records after its header. Lines with nothing in them are passed over. Raises UnreadableFile."""
    csv.field_size_limit(MOST_CHARACTERS)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    try:
        yield from _records(text, columns, required)
    finally:
        text.detach()


def _records(text: io.TextIOWrapper, columns: Sequence[str], required: Sequence[str]) -> Iterator[Line]:
    header = _next_line(text)
    delimiter = ";" if ";" in header and "," not in header else ","
    names = _names(header, delimiter, columns, required)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        number = reader.line_num + 2
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Line(number, {}, _plain(error))
            if _IS_TOO_LONG in str(error):
                return  # nobody can tell where the next record begins
            continue
        if any(cell.strip() for cell in cells):
            yield _line(number, names, cells)


def _next_line(text: io.TextIOWrapper) -> str:
    header = text.readline(MOST_CHARACTERS)
    if _NOT_UTF8.search(header):
        raise UnreadableFile(f"line 1: {_SAVE_AS_UTF8}")
    if not header.strip():
        raise UnreadableFile("line 1: the file must begin with a line of column names")
    return header


def _names(header: str, delimiter: str, columns: Sequence[str], required: Sequence[str]) -> list[str]:
    try:
        names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter, strict=True))]
    except csv.Error as error:
        raise UnreadableFile(f"line 1: {_plain(error)}") from None
    known = ", ".join(columns)
    for name in names:
        if name not in columns:
            raise UnreadableFile(f"line 1: there is no column {name[:50]!r}: the columns are {known}")
        if names.count(name) > 1:
            raise UnreadableFile(f"line 1: the column {name} stands there twice")
    missing = [name for name in required if name not in names]
    if missing:
        raise UnreadableFile(f"line 1: these columns are missing: {', '.join(missing)}")
    return names


def _line(number: int, names: Sequence[str], cells: Sequence[str]) -> Line:
    if any(_NOT_UTF8.search(cell) for cell in cells):
        return Line(number, {}, _SAVE_AS_UTF8)
    if len(cells) != len(names):
        more = "put quotation marks round a cell with a comma, a semicolon or a line end in it"
        return Line(number, {}, f"it has {len(cells)} cells, and the header {len(names)}: {more}")
    return Line(number, {name: undefused(cell) for name, cell in zip(names, cells, strict=True) if cell.strip()})


def undefused(cell: str) -> str:
    """Without the apostrophe that a file of ours has before what a spreadsheet would take for a formula."""
    return cell[1:] if cell.startswith("'") and defused(cell[1:]) == cell else cell


def _plain(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "a cell begins with a quotation mark and has none at its end"
    if _IS_TOO_LONG in str(error):
        return f"a cell has more than {MOST_CHARACTERS} characters: a quotation mark may be missing at its end"
    return f"it cannot be read ({error}): a quotation mark within a cell is written twice"
