"""What of a gift says who gave it and what they said, and what stands in its place once it is erased.

Events are append-only but for this: the database lets their content change to its redaction and to nothing else.
"""

import json
from typing import Any

PLACEHOLDER = "[erased]"
TEXTS = ("Contributor", "Message", "Reference")
"""Elements in whose place the placeholder stands."""

TAKEN_AWAY = ("Memo", "Metadata", "ConfirmationURL", "CancelURL")
"""Elements that are not there any more: whatever they hold may name somebody."""

_COLUMNS: dict[str, tuple[str, Any]] = {
    "Contributor": ("contributor", PLACEHOLDER),
    "Message": ("message", PLACEHOLDER),
    "Reference": ("reference", PLACEHOLDER),
    "Memo": ("memo", None),
    "Metadata": ("metadata", []),
    "ConfirmationURL": ("confirmation_url", ""),
    "CancelURL": ("cancel_url", ""),
}
"""The column of a contribution, and what stands there afterwards."""

MESSAGES = frozenset({"Message", "Memo"})
EVERYTHING = frozenset({*TEXTS, *TAKEN_AWAY})
NAMES = EVERYTHING - MESSAGES
"""Whatever may name somebody; and what was said."""


def columns_of(gift: Any, elements: frozenset[str] = EVERYTHING) -> dict[str, Any]:
    """The columns of this contribution that have to change, with what is to stand there; none where it is erased already."""
    wanted = (_COLUMNS[name] for name in elements)
    return {column: value for column, value in wanted if getattr(gift, column) and getattr(gift, column) != value}


def redacted(content: dict[str, Any], elements: frozenset[str] = EVERYTHING) -> dict[str, Any]:
    """A Contribution, as clients see it, without these elements of EVERYTHING."""
    kept = {name: value for name, value in content.items() if name not in elements & {*TAKEN_AWAY}}
    return kept | {name: PLACEHOLDER for name in TEXTS if name in elements and content.get(name)}


def redacted_text(content: str, elements: frozenset[str] = EVERYTHING) -> str:
    """The same of an event's content."""
    return json.dumps(redacted(json.loads(content), elements), ensure_ascii=False)


_TEXTS, _TAKEN_AWAY = (", ".join(f"'{name}'" for name in names) for names in (TEXTS, TAKEN_AWAY))

POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION whipround_is_redaction(old_text text, new_text text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE was jsonb; is_now jsonb; name text; others text[] := ARRAY[{_TEXTS}, {_TAKEN_AWAY}];
BEGIN
    was := old_text::jsonb;
    is_now := new_text::jsonb;
    FOREACH name IN ARRAY ARRAY[{_TEXTS}] LOOP
        IF was -> name IS DISTINCT FROM is_now -> name AND is_now -> name IS DISTINCT FROM to_jsonb('{PLACEHOLDER}'::text) THEN
            RETURN FALSE;
        END IF;
    END LOOP;
    FOREACH name IN ARRAY ARRAY[{_TAKEN_AWAY}] LOOP
        IF is_now ? name AND was -> name IS DISTINCT FROM is_now -> name THEN
            RETURN FALSE;
        END IF;
    END LOOP;
    RETURN was - others IS NOT DISTINCT FROM is_now - others;
EXCEPTION WHEN invalid_text_representation THEN
    RETURN FALSE;
END $$
"""


def is_no_redaction_on_postgresql() -> str:
    """The condition of the trigger: the content has changed to something else than its redaction."""
    same = "whipround_is_redaction(OLD.content, NEW.content)"
    return f"OLD.content IS DISTINCT FROM NEW.content AND (OLD.type NOT LIKE 'contribution.%' OR NOT {same})"


def is_no_redaction_on_sqlite() -> str:
    """The same."""
    others = ", ".join(f"'$.{name}'" for name in (*TEXTS, *TAKEN_AWAY))
    faults = [f"json_remove(OLD.content, {others}) IS NOT json_remove(NEW.content, {others})"]
    for name in TEXTS:
        was, is_now = (f"json_extract({row}.content, '$.{name}')" for row in ("OLD", "NEW"))
        faults.append(f"({was} IS NOT {is_now} AND {is_now} IS NOT '{PLACEHOLDER}')")
    for name in TAKEN_AWAY:
        was, is_now = (f"json_extract({row}.content, '$.{name}')" for row in ("OLD", "NEW"))
        faults.append(f"({was} IS NOT {is_now} AND json_type(NEW.content, '$.{name}') IS NOT NULL)")
    is_none = f"CASE WHEN json_valid(OLD.content) AND json_valid(NEW.content) THEN {' OR '.join(faults)} ELSE 1 END"
    return f"OLD.content IS NOT NEW.content AND (OLD.type NOT LIKE 'contribution.%' OR {is_none})"
