"""The giver's language, as one that a provider's pages speak."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

Offered = Mapping[str, str]
"""What a provider calls the languages of its pages, by the tags that it stands for, in lower case."""


def offered(names: Iterable[str], *, as_well: Mapping[str, str] = MappingProxyType({})) -> Offered:
    """The provider's names, each by itself as a tag (de_DE by de-de); `as_well`: by further tags."""
    by_tag = {name.replace("_", "-").lower(): name for name in names}
    return MappingProxyType({**by_tag, **{tag.lower(): name for tag, name in as_well.items()}})


def best(tag: str, languages: Offered) -> str:
    """The provider's name for a BCP 47 tag, or for what is left of it without its last parts: RFC 4647, section 3.4.

    Empty where the provider does not know the language, so that it chooses by itself.
    """
    parts = tag.lower().split("-")
    while parts:
        if found := languages.get("-".join(parts)):
            return found
        parts.pop()
    return ""
