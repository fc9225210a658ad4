"""tastypie's Serializer, in its two formats: what it reads is read strictly, what it writes keeps its order."""

import json
from dataclasses import dataclass
from typing import Any

from tastypie.serializers import Serializer

from api.json_reader import read_json
from web.negotiation import JSON, XML, media_type_in
from xml_schemas.reader import Node, read_xml
from xml_schemas.writer import write_xml


@dataclass(frozen=True)
class Document:
    """What an answer says: the name of the root element, and its content as plain dictionaries, lists and texts."""

    root: str
    content: dict[str, Any]


class StrictSerializer(Serializer):
    """Reads into Nodes, from bytes, with every fault; writes Documents. `root` names the record that bodies hold.

    tastypie's own reader would decode the bytes and guess types; its writer sorts elements by name.
    """

    formats = ["xml", "json"]
    content_types = {"xml": XML, "json": JSON}

    def __init__(self, root: str = "") -> None:
        super().__init__()
        self.root = root

    def deserialize(self, content: bytes, format: str = XML) -> Node:  # noqa: A002 - tastypie's name for it
        """The body as a Node. `format` is a whole Content-Type. Raises BodyFaults, UnsupportedMedia."""
        media, charset = media_type_in(format)
        return read_json(content, self.root) if media == JSON else read_xml(content, charset=charset)

    def to_xml(self, data: Document, options: object = None) -> bytes:
        """A whole document in UTF-8. A list's `Next` is an attribute of its element."""
        return write_xml(data.root, with_attributes(data.content))

    def to_json(self, data: Document, options: object = None) -> bytes:
        return json.dumps(data.content, ensure_ascii=False).encode()


def with_attributes(content: Any) -> Any:
    """The content as XML says it: `Next` is an attribute there."""
    if isinstance(content, dict):
        renamed = {"@Next" if name == "Next" else name: value for name, value in content.items()}
        return {name: with_attributes(value) for name, value in renamed.items()}
    return [with_attributes(item) for item in content] if isinstance(content, list) else content
