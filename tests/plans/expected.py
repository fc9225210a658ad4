"""What may read more than its answer, and why: by whose statement it is."""

ONCE_A_DAY = "once a day, in a thread of the worker and in small transactions, through what is old"
OF_ONE_GOAL = "an operator looks at one goal: its ledger is summed, and nobody else's"
ONCE_FOR_ALL = "the first look at a database that no process has found ready before: then there is a row that tells"
A_PERSON_IS_ERASED = "all answers that are kept of the partner are looked through for the person"
LOOKED_THROUGH = "an operator looks for an amount or a name, through the newest 200,000 gifts (contributions/search.py)"
WHAT_IS_OPEN = "an operator counts the gifts that are not over"
IN_THE_AUDIT_LOG = "an operator looks through the audit log, the newest first"
ALL_CERTIFICATES = "an operator asks what is outstanding on gift certificates: all of them are summed"

MAY = {
    "contributions/retention.py _in_batches": ONCE_A_DAY,
    "contributions/retention.py _batch_by_batch": ONCE_A_DAY,
    "contributions/retention.py _erase_givers": ONCE_A_DAY,
    "contributions/kept_answers.py forget": A_PERSON_IS_ERASED,
    "contributions/kept_answers.py that_name": A_PERSON_IS_ERASED,
    "console/readiness.py _newest_secrets": ONCE_FOR_ALL,
    "contributions/waiting.py without_outcome": WHAT_IS_OPEN,
    "contributions/goal_story.py goal_story_of": OF_ONE_GOAL,
    "contributions/search.py _newest": LOOKED_THROUGH,
    "certificates/report.py outstanding": ALL_CERTIFICATES,
    "certificates/report.py in_all": ALL_CERTIFICATES,
    "console/site/looking.py audit_log": IN_THE_AUDIT_LOG,
    "console/management/commands/audit_log.py handle": IN_THE_AUDIT_LOG,
}
"""The proof of the books (`audit`, `rebuild_totals`), `export` and `reencrypt` read everything, and are not asked here. Nor is
`Events?Delivery=NotAskedFor`, which reads the partner's own events, from `after` on, until it has a page of them."""
