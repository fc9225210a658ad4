"""import_gifts FILE --partner NAME [--test] [--dry-run]"""

from moving_in.command import ImportCommand
from moving_in.gift_lines import GiftLines
from partners.models import Partner


class Command(ImportCommand):
    help = "Brings what a site has collected before: a CSV file, a line a gift, each Offline. All faults at once; repeatable."
    what = "gifts"

    def records(self, partner: Partner) -> GiftLines:
        return GiftLines(partner)
