"""What a database that is spread by partner would refuse or ask every machine about, seen in a statement as Django has made it.

a lock            of a table that is spread names the partner: over several partners it is refused
a join            of two such tables is one of rows of the same partner's
a row by its key  names the partner with the `id`: the machine that has the row is asked, and no other; so do the
                  rows that hang on it
"""

import re

from console.distribution import KEY, spread_tables

_LOCK = re.compile(r"\bFOR (NO KEY )?UPDATE\b|\bSKIP LOCKED\b")
_JOIN = re.compile(
    r'(?:INNER|LEFT OUTER) JOIN "(\w+)"(?: ([A-Z]\d+))? ON \((.*?)\)(?= (?:INNER|LEFT|WHERE|ORDER|GROUP|LIMIT|FOR)\b|\)|$)'
)
_CORRELATED = re.compile(r'\b(\w+)"?\."\w+" = \("?(\w+)"?\."id"\)')
_FROM = re.compile(r'\b(?:FROM|UPDATE) "(\w+)"(?: ([A-Z]\d+))?')
_BY_KEY = re.compile(r'\b(\w+)"?\."(?:id|goal_id|contribution_id|checkout_id|event_id|endpoint_id|refund_id)" = %s')


def faults(sql: str) -> list[str]:
    """One line for each; none for a statement that is well."""
    spread = {*spread_tables()}
    tables = {alias or name: name for name, alias in [*_FROM.findall(sql), *((one[0], one[1]) for one in _JOIN.findall(sql))]}
    ours = {alias for alias, name in tables.items() if name in spread}
    return [*_lock(sql, ours), *_joins(sql, spread, ours), *_subqueries(sql, ours), *_keys(sql, ours)]


def _lock(sql: str, ours: set[str]) -> list[str]:
    if not _LOCK.search(sql) or not ours or any(_names_partner(sql, alias) for alias in ours):
        return []
    return ["a lock over all partners"]


def _joins(sql: str, spread: set[str], ours: set[str]) -> list[str]:
    found = []
    for name, alias, condition in _JOIN.findall(sql):
        others = [one for one in ours - {alias or name} if re.search(rf'\b{one}"?\.', condition)]
        if name in spread and others and f'"{KEY}"' not in condition:
            found.append(f"a join of {name} that does not name the partner")
    return found


def _subqueries(sql: str, ours: set[str]) -> list[str]:
    pairs = {pair for pair in _CORRELATED.findall(sql) if {*pair} <= ours}
    named = {pair for pair in pairs if re.search(rf'\b{pair[0]}"?\."{KEY}" = \("?{pair[1]}"?\."{KEY}"\)', sql)}
    return [f"a subquery of {inner} that does not name the partner of {outer}" for inner, outer in sorted(pairs - named)]


def _keys(sql: str, ours: set[str]) -> list[str]:
    named = {alias for alias in _BY_KEY.findall(sql) if alias in ours}
    return [f"rows of {alias} by an id alone" for alias in sorted(named) if not _names_partner(sql, alias)]


def _names_partner(sql: str, alias: str) -> bool:
    return re.search(rf'\b{alias}"?\."{KEY}" = ', sql) is not None
