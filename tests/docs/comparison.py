"""What the documentation shows against what happens: the same but for values that the service chooses."""

import json
import re
from typing import Any

from lxml import etree

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9-]*)(?::([0-9]+))?\}")
DOTS = "..."

ALWAYS_NEW = {
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z",
    "moment": r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?\+00:00",
    "second": r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}",
    "secret": r"[A-Za-z0-9+/=_-]+",
    "request-id": r"[A-Za-z0-9._:-]{1,128}",
}
"""Placeholders that are different each time: a moment as the API prints it and as Python does, any secret, a request's id."""

_CHOSEN = r"[A-Za-z0-9._-]+"


class Different(AssertionError):
    """Shown and real are not the same; the message says where and how."""


class Memory(dict[str, str]):
    """What each placeholder stands for: `{name}` for all of it, `{name:12}` for its first 12 characters."""

    def fill(self, text: str) -> str:
        """The text with every placeholder replaced. Raises Different for one that is not known yet."""

        def value(found: re.Match[str]) -> str:
            if found[1] not in self:
                raise Different(f"{found[0]} stands for nothing yet")
            return self._value(found)

        return PLACEHOLDER.sub(value, text)

    def match(self, shown: str, real: str, where: str) -> None:
        """Learns what new placeholders stand for. Raises Different."""
        pattern, end, new = "", 0, []
        for found in PLACEHOLDER.finditer(shown):
            pattern += re.escape(shown[end : found.start()])
            end, name = found.end(), found[1]
            if name in ALWAYS_NEW:
                pattern += ALWAYS_NEW[name]
            elif name in self:
                pattern += re.escape(self._value(found))
            elif name in new:
                pattern += f"(?P={_group(name)})"
            else:
                pattern += f"(?P<{_group(name)}>{_CHOSEN})"
                new.append(name)
        matched = re.fullmatch(pattern + re.escape(shown[end:]), real, re.DOTALL)
        if matched is None:
            raise Different(f"{where}: shown {self._filled_where_known(shown)!r}, really {real!r}")
        self.update({name: matched[_group(name)] for name in new})

    def _value(self, found: re.Match[str]) -> str:
        return self[found[1]][: int(found[2]) if found[2] else None]

    def _filled_where_known(self, text: str) -> str:
        return PLACEHOLDER.sub(lambda found: self._value(found) if found[1] in self else found[0], text)


def _group(name: str) -> str:
    return name.replace("-", "_")


def compare_body(shown: str, real: bytes, media: str, memory: Memory) -> None:
    """Bodies by their structure. Raises Different."""
    if shown.strip() == DOTS and real:
        return
    if not shown or not real:
        if shown or real:
            raise Different(f"body: shown {shown[:200]!r}, really {real[:200]!r}")
    elif "json" in media:
        compare_json(json.loads(shown), json.loads(real), memory)
    elif "xml" in media:
        compare_xml(etree.fromstring(shown.encode()), etree.fromstring(real), memory)
    else:
        memory.match(shown.strip(), real.decode().replace("\r\n", "\n").strip(), "body")


def compare_json(shown: Any, real: Any, memory: Memory, where: str = "") -> None:
    """Raises Different. The order of members does not count."""
    if type(shown) is not type(real):
        raise Different(f"{where or '/'}: shown {shown!r}, really {real!r}")
    if isinstance(shown, dict):
        names = [name for name in shown if name != DOTS]
        missing, extra = set(names) - set(real), set(real) - set(names)
        if missing or (extra and DOTS not in shown):
            raise Different(f"{where or '/'}: shown and not there {sorted(missing)}, there and not shown {sorted(extra)}")
        for name in names:
            compare_json(shown[name], real[name], memory, f"{where}/{name}")
    elif isinstance(shown, list):
        items = [item for item in shown if item != DOTS]
        if len(items) > len(real) or (len(items) < len(real) and DOTS not in shown):
            raise Different(f"{where or '/'}: {len(items)} items shown, really {len(real)}")
        for number, item in enumerate(items):
            compare_json(item, real[number], memory, f"{where}/{number}")
    elif isinstance(shown, str):
        memory.match(shown, real, where)
    elif shown != real:
        raise Different(f"{where}: shown {shown!r}, really {real!r}")


def compare_xml(shown: Any, real: Any, memory: Memory, where: str = "") -> None:
    """Raises Different. Blanks between elements do not count; their order does."""
    where = f"{where}/{etree.QName(real).localname}"
    if shown.tag != real.tag:
        raise Different(f"{where}: shown {shown.tag}, really {real.tag}")
    if sorted(shown.attrib) != sorted(real.attrib):
        raise Different(f"{where}: shown attributes {sorted(shown.attrib)}, really {sorted(real.attrib)}")
    for name, value in shown.attrib.items():
        memory.match(value, real.attrib[name], f"{where}/@{name}")
    if len(real) == 0 and len(shown) == 0:
        memory.match(shown.text or "", real.text or "", where)
        return
    _compare_children(shown, real, memory, where)


def _compare_children(shown: Any, real: Any, memory: Memory, where: str) -> None:
    left = list(real)
    skipping = False
    for child in shown:
        if not isinstance(child.tag, str):
            if not isinstance(child, etree._Comment) or (child.text or "").strip() != DOTS:
                raise Different(f"{where}: only <!-- {DOTS} --> may stand between elements")
            skipping = True
            continue
        while skipping and left and left[0].tag != child.tag:
            left.pop(0)
        if not left:
            raise Different(f"{where}: {child.tag} is shown and not there")
        compare_xml(child, left.pop(0), memory, where)
        skipping = False
    if left and not skipping:
        raise Different(f"{where}: there and not shown: {', '.join(child.tag for child in left)}")
