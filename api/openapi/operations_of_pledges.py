"""As operations.py, of pledges."""

from api.openapi.operation import CHECKED, Operation
from api.openapi.operations_of_givers import PIN_REFUSED
from api.paging import PAGING

PLEDGES = "Pledges"

OF_PLEDGES: dict[str, Operation] = {
    "GET /api/SavingGoal/{goal_id}/Pledges": Operation(
        "listPledges", PLEDGES, "The pledges to a goal, newest first.", "Pledges", arguments=("State", *PAGING)
    ),
    "POST /api/SavingGoal/{goal_id}/Pledges": Operation(
        "createPledge", PLEDGES, "Pledge an amount every week or month, under a giver's standing permission.", "Pledge",
        (201,), "Pledge", CHECKED, (*PIN_REFUSED, "pledge_not_covered", "goal_takes_no_pledges"),
    ),
    "GET /api/Pledges": Operation(
        "listAllPledges", PLEDGES, "The pledges to all of your goals, newest first.", "Pledges",
        arguments=("GiverId", "State", *PAGING),
    ),
    "GET /api/Pledge/{pledge_id}": Operation("getPledge", PLEDGES, "A pledge as it stands.", "Pledge"),
    "DELETE /api/Pledge/{pledge_id}": Operation(
        "endPledge", PLEDGES, "End a pledge. It can be read all the same.", statuses=(204,), refusals=("pledge_changing",)
    ),
    "POST /api/Pledge/{pledge_id}/Pause": Operation(
        "pausePledge", PLEDGES, "Begin no gift until it is resumed.", "Pledge", refusals=("pledge_changing", "pledge_is_over")
    ),
    "POST /api/Pledge/{pledge_id}/Resume": Operation(
        "resumePledge", PLEDGES, "Go on with the first gift that is due from now on.", "Pledge",
        refusals=("pledge_changing", "pledge_is_over"),
    ),
}  # fmt: skip
"""By verb and path."""
