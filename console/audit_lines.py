"""The audit log as lines of text."""

import json

from partners.models import AuditEntry


def audit_line(row: AuditEntry) -> str:
    """Who did what to what, from where, and what it was before and after."""
    of = f" of {row.partner.name} ({'test' if row.partner.is_test else 'live'})" if row.partner else ""
    origin = f", from {row.address}" if row.address else ""
    request = f", request {row.request_id}" if row.request_id else ""
    parts = [
        f"{name} {json.dumps(value, ensure_ascii=True, sort_keys=True)}"
        for name, value in (("before", row.before), ("after", row.after))
        if value
    ]
    who = f"{row.actor_kind} {row.actor}".strip()
    told = "".join(f"  {part}" for part in parts)
    return f"{row.at:%Y-%m-%d %H:%M:%S}  {row.action} {row.about}{of}  by {who}{origin}{request}{told}"
