"""All that a partner can be told, of whatever it has, but for the test that it asks for."""

from certificates.events import EVERY_TYPE
from pledges.states import Happening

EVENT_TYPES = tuple(sorted((*EVERY_TYPE, *(one.value for one in Happening))))
