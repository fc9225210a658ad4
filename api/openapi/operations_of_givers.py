"""As operations.py, of givers and their standing permissions."""

from api import errors
from api.openapi.operation import CHECKED, Operation
from api.paging import PAGING
from providers.base import AmountRefused

GIVERS, PERMISSIONS = "Givers", "Standing permissions"

AMOUNT = tuple({row.code for kind, row in errors.TABLE.items() if issubclass(kind, AmountRefused)})
PIN_REFUSED = ("pin_needed", "pin_wrong", "pin_locked", "pins_busy")

OF_GIVERS: dict[str, Operation] = {
    # --- Givers ---------------------------------------------------------------------------------------------------
    "GET /api/Givers": Operation(
        "listGivers", GIVERS, "Your givers, newest first.", "Givers", arguments=("ExternalId", *PAGING)
    ),
    "POST /api/Givers": Operation(
        "createGiver", GIVERS, "Know a giver again.", "Giver", (201,), "Giver", CHECKED, ("external_id_taken", "stale_giver")
    ),
    "GET /api/Giver/{giver_id}": Operation("getGiver", GIVERS, "A giver, the e-mail address masked.", "Giver"),
    "PATCH /api/Giver/{giver_id}": Operation(
        "changeGiver", GIVERS, "Change what the body holds. JSON's null, and xsi:nil in XML, takes Name and Email away.",
        "Giver", body="Giver", arguments=CHECKED, refusals=("stale_giver", "external_id_taken"),
    ),
    "DELETE /api/Giver/{giver_id}": Operation(
        "eraseGiver", GIVERS, "Erase the person everywhere; amounts stay, permissions and pledges end.", statuses=(204,),
        refusals=("permission_changing", "pledge_changing"),
    ),
    "POST /api/Giver/{giver_id}/Rotate": Operation(
        "rotateGiverUrl", GIVERS, "Another GiverURL; the one that was given out is over.", "Giver", arguments=CHECKED,
        refusals=("stale_entity_tag",),
    ),
    "POST /api/Giver/{giver_id}/Pin": Operation(
        "setGiverPin", GIVERS, "Set a PIN (Pin), check one (Verify), or replace one (both).", "GiverPin", body="GiverPin",
        refusals=(*PIN_REFUSED, "pin_not_set", "pin_changed"),
    ),
    "DELETE /api/Giver/{giver_id}/Pin": Operation(
        "removeGiverPin", GIVERS, "Take a PIN away that the giver does not know any more, its lock with it.",
        statuses=(204,), refusals=("pin_not_set", "pin_changed"),
    ),
    "GET /api/Giver/{giver_id}/Permissions": Operation(
        "listPermissions", PERMISSIONS, "What a giver was asked to agree to, newest first.", "Permissions", arguments=PAGING
    ),
    "POST /api/Giver/{giver_id}/Permissions": Operation(
        "createPermission", PERMISSIONS, "Ask a giver for a permission; send the giver to PermissionURL.", "Permission",
        (201,), "Permission", CHECKED, (*AMOUNT, "provider_not_offered", "permission_not_offered", "permission_refused"),
    ),
    "GET /api/Permission/{permission_id}": Operation("getPermission", PERMISSIONS, "A permission as it stands.", "Permission"),
    "DELETE /api/Permission/{permission_id}": Operation(
        "revokePermission", PERMISSIONS, "Take a permission back. It can be read all the same.", statuses=(204,),
        refusals=("permission_changing", "provider_busy"),
    ),
}  # fmt: skip
"""By verb and path."""
