"""import_goals FILE --partner NAME [--test] [--dry-run]"""

from moving_in.command import ImportCommand
from moving_in.goal_lines import GoalLines
from partners.models import Partner


class Command(ImportCommand):
    help = "Brings the goals of a site that moves in: a CSV file, a line a goal. All faults at once, or all of it; repeatable."
    what = "goals"

    def records(self, partner: Partner) -> GoalLines:
        return GoalLines(partner)
