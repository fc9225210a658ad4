"""What an event is called that tells of a permission: after its new state."""

from givers.states import PermissionState

OF_STATES: dict[PermissionState, str] = {state: f"permission.{state.lower()}" for state in PermissionState}

EVENT_TYPES = tuple(sorted(OF_STATES.values()))
