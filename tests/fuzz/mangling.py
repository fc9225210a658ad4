"""Inputs that were right once: a few bytes or characters taken out, put in, changed, doubled or moved."""

from typing import Any

from hypothesis import strategies as st

PIECES = st.binary(max_size=6) | st.sampled_from(
    [
        b"\0", b"<", b"&", b"]]>", b"\xff", b'"', b"\\ud800", b"{", b"}", b"[", b"1e5", b"-", b"<!--", b"<![CDATA[", b"<?",
        b"'", b"\xef\xbb\xbf", b"\\", b"\r", b"&#13;", b"\xc0\x80", b"\xed\xa0\x80", b":", b"xmlns=", b"/", b"null", b" ",
    ]
)  # fmt: skip

CHARACTERS = st.text(max_size=3) | st.sampled_from(
    [
        "\0",
        "\n",
        "\r\n",
        " ",
        ",",
        "=",
        ";",
        ".",
        "%00",
        "%2F",
        "\\",
        "@",
        "#",
        "?",
        "/",
        ":",
        "[",
        "]",
        "\ud800",
        "\uff0e",
        "\u0661",
        "x",
        "0",
        "x.",
    ]
)


@st.composite
def mangled(draw: Any, whole: bytes, most: int = 3) -> bytes:
    """The whole with a few bytes taken out, put in, changed or doubled."""
    body = bytearray(whole)
    for _ in range(draw(st.integers(1, most))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 12)))
        there, put = bytes(body[start:end]), draw(PIECES)
        body[start:end] = draw(st.sampled_from([b"", put, put + there, there * 2]))
    return bytes(body)


@st.composite
def mangled_text(draw: Any, whole: str, most: int = 2) -> str:
    """As `mangled`, of a text; now and then the whole itself, since there may be another part that is wrong."""
    text = whole
    for _ in range(draw(st.integers(0, most))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 6)))
        there, put = text[start:end], draw(CHARACTERS)
        text = text[:start] + draw(st.sampled_from(["", put, put + there, there * 2, there.swapcase()])) + text[end:]
    return text


def headers(genuine: dict[str, str]) -> st.SearchStrategy[dict[str, str]]:
    """The headers, some of them mangled, missing or something else; as a server gives them: no surrogates, no line ends."""
    sendable = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=40)
    each = {
        name: st.just(value)
        | mangled_text(value).map(lambda text: text.encode("latin-1", "replace").decode("latin-1").replace("\n", ""))
        | sendable
        | st.none()
        for name, value in genuine.items()
    }
    some = st.fixed_dictionaries(each).map(lambda told: {name: value for name, value in told.items() if value is not None})
    return st.just(genuine) | some
