"""One import: every line is looked at first, and nothing is stored where one of them has a fault.

Then the lines are stored a few in each transaction, so that nobody waits for long. Whatever breaks that off, the same file can
be imported again: a line that is stored is known by its digest, and counts once.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, Generic, Protocol, TypeVar

from django.db import transaction

import returning
from contributions.models import ImportedLine
from moving_in.csv_lines import Line, lines_of
from partners import audit_log
from partners.models import Partner

LINES_AT_ONCE = 500
"""So many are looked at together."""
STORED_AT_ONCE = 20
"""So many are stored in one transaction: a writer is held for tenths of a second."""
MOST_TOLD = 1000
"""So many faults are told, and of more how many there are."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with one line, in a sentence that says what would be right."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.sentence}"


class Faults(ValueError):
    """The file cannot be imported: these are the first of `number` faults."""

    def __init__(self, told: Sequence[Fault], number: int) -> None:
        super().__init__(f"{number} faults")
        self.told, self.number = told, number


class CannotStore(Exception):
    """Something has changed between the look at a line and its storing: the same file can be imported again."""


@dataclass
class Imported:
    """How many lines were new, and how many were there before."""

    new: int = 0
    known: int = 0


What = TypeVar("What")


@dataclass(frozen=True)
class Wish(Generic[What]):
    """What a line asks for, once it is read: `what` is the record's own."""

    line: Line
    key: str
    what: What


class Records(Protocol[What]):
    """What is imported: goals, or gifts."""

    @property
    def kind(self) -> ImportedLine.Kind: ...

    @property
    def columns(self) -> Sequence[str]:
        """What a file may have."""

    @property
    def required(self) -> Sequence[str]:
        """What it must have."""

    @property
    def key(self) -> str:
        """The column that tells lines apart."""

    def read(self, lines: Sequence[Line]) -> Iterator[Wish[What] | Fault]:
        """What each of these new lines asks for, and what is wrong with them."""

    def prepare(self, wishes: Sequence[Wish[What]]) -> None:
        """In the transaction that stores them, before the first one."""

    def store(self, wish: Wish[What]) -> str:
        """The Id of what was made. Raises CannotStore."""


@dataclass
class Import(Generic[What]):
    """One file into one partner's records."""

    partner: Partner
    records: Records[What]
    file: BinaryIO
    """Can be read again from its beginning."""
    sha256: str
    _seen: dict[str, int] = field(default_factory=dict)

    def check(self) -> Imported:
        """What storing it would come to. Raises Faults, UnreadableFile; nothing is stored."""
        told: list[Fault] = []
        number, imported = 0, Imported()
        self._seen.clear()
        for lines in self._in_pieces(LINES_AT_ONCE):
            for fault in sorted(self._faults(lines, imported), key=lambda one: one.line):
                number += 1
                if len(told) < MOST_TOLD:
                    told.append(fault)
        if number:
            raise Faults(told, number)
        return imported

    def store(self) -> Imported:
        """Store what is new of a file that `check` has found right. Raises CannotStore."""
        imported = Imported()
        for lines in self._in_pieces(STORED_AT_ONCE):
            known = self._known(lines)
            new = [line for line in lines if _digest(line.cells[self.records.key]) not in known]
            stored = self._store(new, is_first=not imported.new) if new else 0
            imported.new += stored
            imported.known += len(lines) - stored
        return imported

    def _in_pieces(self, size: int) -> Iterator[list[Line]]:
        self.file.seek(0)
        lines = lines_of(self.file, self.records.columns, self.records.required)
        while piece := list(islice(lines, size)):
            yield piece

    def _faults(self, lines: Sequence[Line], imported: Imported) -> Iterator[Fault]:
        known, new = self._known(lines), []
        for line in lines:
            key = line.cells.get(self.records.key)
            if key is None:
                yield Fault(line.number, line.fault or f"{self.records.key} is missing: it is required here.")
                continue
            before = self._seen.setdefault(_digest(key)[:32], line.number)
            if before != line.number:
                sentence = f"{self.records.key} {key[:100]!r} stands in line {before} already: each may stand there once."
                yield Fault(line.number, sentence)
            elif _digest(key) not in known:
                new.append(line)
            elif known[_digest(key)].line_digest in {"", _digest_of_all(line)}:
                imported.known += 1
            else:
                yield Fault(line.number, _changed(self.records.key, key, known[_digest(key)]))
        for read in self.records.read(new):
            if isinstance(read, Fault):
                yield read
            else:
                imported.new += 1

    def _known(self, lines: Sequence[Line]) -> dict[str, ImportedLine]:
        keys = {_digest(line.cells[self.records.key]) for line in lines if self.records.key in line.cells}
        rows = ImportedLine.objects.filter(partner=self.partner, kind=self.records.kind, key_digest__in=keys)
        return {one.key_digest: one for one in rows}

    def _store(self, lines: Sequence[Line], *, is_first: bool) -> int:
        with transaction.atomic():
            if is_first:
                action, after = f"partner.{self.records.kind}s_imported", {"sha256": self.sha256}
                audit_log.record(action, self.partner.name, partner=self.partner, after=after)
            wishes = []
            for read in self.records.read(lines):
                if isinstance(read, Fault):
                    raise CannotStore(f"{read} It was right a moment ago: import the file again.")
                wishes.append(read)
            self.records.prepare(wishes)
            return sum(self._store_one(wish) for wish in wishes)

    def _store_one(self, wish: Wish[What]) -> bool:
        """False: another import has stored it at this moment."""
        row = ImportedLine(
            partner=self.partner,
            kind=self.records.kind,
            key_digest=_digest(wish.key),
            line_digest=_digest_of_all(wish.line),
        )
        if not returning.insert_if_absent(row):
            return False
        ImportedLine.objects.filter(pk=row.pk, partner=self.partner).update(about=self.records.store(wish))
        return True


def _changed(column: str, key: str, known: ImportedLine) -> str:
    return (
        f"{column} {key[:100]!r} was imported before, and the line said something else then. What was made of it is the "
        f"{known.kind} {known.about}: change that, and take the line out, or make the line what it was."
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _digest_of_all(line: Line) -> str:
    return _digest("\0".join(f"{name}\0{line.cells[name]}" for name in sorted(line.cells)))
