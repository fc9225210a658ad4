"""Small mistakes where a goal limits its gifts, each found by a short history; see planted_bugs.py for the others."""

from tests.simulation.planted_bugs import Bug
from tests.simulation.planting import instead

BUGS = (
    Bug(
        "what others have reserved does not count",
        "what-others-have-reserved-counts",
        instead("goals = SavingGoal.objects.annotate(**{_ANNOTATION: bigint(0)})"),
        history="another wants the last place",
    ),
    Bug(
        "whether there is room is read, and the place is not taken",
        "who-finds-room-takes-it",
        instead("check_room(contribution)"),
        history="two come back late",
    ),
    Bug(
        "what is paid goes on reserving its amount",
        "what-is-over-reserves-nothing",
        instead("return {}"),
        history="Submitted / captured / collect",
    ),
)
