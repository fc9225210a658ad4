"""All that a partner can be told, of its gifts, goals, permissions and pledges, but for the test that it asks for."""

from contributions import event_types
from pledges.states import Happening

EVENT_TYPES = tuple(sorted((*event_types.EVENT_TYPES, *(one.value for one in Happening))))
