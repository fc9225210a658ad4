"""What the tests of versions and entity tags share."""

from tests.conftest import goal_xml

XML, JSON = "application/xml", "application/json"


def edit_xml(version=None, name="Changed"):
    """A goal's body with another name; without a version it names none."""
    return goal_xml(Name=name, RecordVersionNumber=str(version) if version else "")


def tags(shop, path):
    """The tags of the XML and of the JSON representation as they are now."""
    return shop.get(path).headers["ETag"], shop.get(path, Accept=JSON).headers["ETag"]
