"""What may read more than its answer, and why: by whose statement it is."""

ONCE_A_DAY = "once a day, in a thread of the worker and in small transactions, through what is old"
OF_ONE_GOAL = "an operator looks at one goal: its ledger is summed, and nobody else's"
LOOKED_THROUGH = "an operator looks for an amount or a name, through the newest 200,000 gifts (contributions/search.py)"
WHAT_IS_OPEN = "an operator counts the gifts that are not over"
IN_THE_AUDIT_LOG = "an operator looks through the audit log, the newest first"

MAY = {
    "contributions/retention.py _in_batches": ONCE_A_DAY,
    "contributions/retention.py _delete": ONCE_A_DAY,
    "contributions/waiting.py without_outcome": WHAT_IS_OPEN,
    "contributions/goal_story.py goal_story_of": OF_ONE_GOAL,
    "contributions/search.py _newest": LOOKED_THROUGH,
    "console/site/looking.py audit_log": IN_THE_AUDIT_LOG,
    "console/management/commands/audit_log.py handle": IN_THE_AUDIT_LOG,
}
"""The proof of the books (`audit`, `rebuild_totals`), `export` and `reencrypt` read everything, and are not asked here. Nor is
`Events?Delivery=NotAskedFor`, which reads the partner's own events, from `after` on, until it has a page of them."""
