"""/permission/{id}, the PermissionURL, and /providers/{provider}/agreed/{id} and /disagreed/{id}, where the giver comes back.

PermissionURL leads to the provider's page for as long as the giver has not agreed, and opens another one where that is over;
afterwards it says how the permission stands. Of what a giver brings back nothing is believed: the provider is asked.
"""

import logging
import secrets
import time
from urllib.parse import urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.encoding import iri_to_uri
from django.views.decorators.http import require_safe

import clock
from encryption import UnreadableSecret
from givers.models import Permission
from givers.states import ACTIVE, REQUESTED, PermissionState
from givers.sync import BeingAsked, Result, TooManySetups, adapter_of, bring_back, open_setup, read, request_for, sync
from ids import is_id
from lookups import one_or_none
from pages import button_page, permission_sentences, standing
from pages.permission_sentences import Agreement, Said
from pages.prefetch import nobody_is_there_yet
from pages.redirect import see_other
from pages.sentence_types import Then
from partners import redirect_secrets
from partners.tags import by_public_id
from providers.base import ProviderUnavailable
from providers.permissions import is_agreed_on_our_page
from web import places

log = logging.getLogger(__name__)

AGREED, NOT_AGREED = "agreed", "disagreed"

PAUSES_SECONDS: tuple[float, ...] = (0.5, 1, 2)
"""How long a giver who has agreed waits before the provider is asked again, which may not have heard of it yet."""


@nobody_is_there_yet
@require_safe
def permission_page(request: HttpRequest, permission_id: str) -> HttpResponse:
    """On to where the giver agrees, or how the permission stands."""
    permission = _found(permission_id)
    if permission is None:
        return _not_found(request)
    if permission.state != REQUESTED or request.method == "HEAD":
        return how_it_stands(request, permission)
    try:
        with places.place(request, permission.partner_id or 0, permission.public_id, permission.host):
            return _lead_on(request, permission)
    except (places.NoPlace, ProviderUnavailable, BeingAsked) as error:
        log.warning("permission page not shown", extra={"permission": permission.public_id, "error": str(error)})
        return _look_again(request, permission)
    except TooManySetups:
        detail = "It was tried too often to agree to this. Please go back and begin anew."
        return standing.problem(request, "This cannot be agreed to any more", detail, 409, None)


@nobody_is_there_yet
@require_safe
def come_back(request: HttpRequest, provider: str, permission_id: str, way: str) -> HttpResponse:
    """Ask the provider whether the giver has agreed, then send the giver back to the partner."""
    permission = _found(permission_id)
    if permission is None or permission.provider.lower() != provider:
        return _not_found(request)
    if request.method == "HEAD":  # nobody has come back: a link is looked at
        return how_it_stands(request, permission)
    if not _may_be_from(request, permission):
        return _does_not_fit(request)
    if permission.state != REQUESTED:
        return _back_to_partner(request, permission)  # nobody is asked
    try:  # invariant: what-a-giver-brings-back-is-not-believed
        with places.place(request, permission.partner_id or 0, permission.public_id, permission.host):
            if not _is_from(request, permission):
                return _does_not_fit(request)
            result = _asked(permission, waits=way == AGREED and not standing.has_looked(request))
    except (places.NoPlace, ProviderUnavailable, BeingAsked):
        return _look_again(request, permission)
    permission = result.permission
    if permission.state == REQUESTED and way == AGREED:
        return how_it_stands(request, permission, came_back=True)
    return _back_to_partner(request, permission)


def _lead_on(request: HttpRequest, permission: Permission) -> HttpResponse:
    """Raises ProviderUnavailable, BeingAsked, TooManySetups."""
    if permission.setup_id:
        permission = sync(permission).permission  # it may have been agreed to, or be over
    if permission.state == REQUESTED and not permission.setup_id:
        permission = open_setup(permission)
    adapter = adapter_of(permission)
    if permission.state == REQUESTED and is_agreed_on_our_page(adapter):
        return button_page.show_to_agree(request, permission, adapter.permission_page(request_for(permission)))
    if permission.state == REQUESTED and permission.url:
        return see_other(permission.url)
    return how_it_stands(request, permission)


def _asked(permission: Permission, *, waits: bool) -> Result:
    """No transaction is open meanwhile."""
    result = sync(permission)
    for pause in PAUSES_SECONDS if waits else ():
        if result.permission.state != REQUESTED:
            break
        time.sleep(pause)
        result = sync(read(permission))
    return result


def _told(request: HttpRequest, permission: Permission) -> list[str]:
    """The set-ups that the address names."""
    argument = adapter_of(permission).permission_token_argument
    return request.GET.getlist(argument) if argument else []


def _may_be_from(request: HttpRequest, permission: Permission) -> bool:
    """Whether the address names the set-up that the provider has made for this permission, or one that it may have made at its
    button; some providers name none."""
    adapter, told = adapter_of(permission), _told(request, permission)
    at_the_button = is_agreed_on_our_page(adapter)
    if not told:
        return not adapter.permission_token_argument or permission.setup_id == "" or at_the_button
    return len(told) == 1 and (at_the_button or _is_stored(permission, told[0]))


def _is_from(request: HttpRequest, permission: Permission) -> bool:
    """The same, once the provider was asked where it takes that. Raises ProviderUnavailable, BeingAsked."""
    told = _told(request, permission)
    return not told or _is_stored(permission, told[0]) or bring_back(permission, told[0])


def _is_stored(permission: Permission, setup_id: str) -> bool:
    return secrets.compare_digest(setup_id.encode(), permission.setup_id.encode())


def _found(permission_id: str) -> Permission | None:
    rows = Permission.objects.select_related("giver__partner")
    return one_or_none(rows.filter(**by_public_id(permission_id))) if is_id(permission_id) else None


# --- Answered ---------------------------------------------------------------------------------------------------------


def said_of(permission: Permission, *, came_back: bool = False) -> Said:
    """What our pages say of it."""
    ends_at = permission.ends_at
    until = (
        "" if ends_at is None else f"{ends_at:%-d %B %Y}" + ("" if permission.ends_with_the_day else f"{ends_at:, %H:%M} UTC")
    )
    return permission_sentences.said_of(
        Agreement(
            state=PermissionState(permission.state),
            reason=permission.state_reason,
            partner=permission.giver.partner.name,
            provider=permission.provider,
            currency=permission.currency,
            maximum=permission.maximum_minor,
            total=permission.total_minor,
            used=permission.used_minor,
            until=until,
            came_back=came_back,
        )
    )


def how_it_stands(request: HttpRequest, permission: Permission, *, came_back: bool = False) -> HttpResponse:
    """The page that says what became of it."""
    said = said_of(permission, came_back=came_back)
    context = {
        "permission": permission,
        "said": said,
        "looks": standing.looks_of(request) if said.then is Then.LOOK_AGAIN else None,
        "go_on": said.then is Then.GO_ON,
        "way_back": _way_back(permission),
    }
    return render(request, "giver/permission.html", context)


def _way_back(permission: Permission) -> standing.WayBack:
    partner = permission.giver.partner
    return standing.WayBack(partner.name, _partners_url(permission), is_test=partner.is_test)


def _back_to_partner(request: HttpRequest, permission: Permission) -> HttpResponse:
    url = _partners_url(permission)
    return see_other(url) if url else how_it_stands(request, permission)


def _partners_url(permission: Permission) -> str:
    """ConfirmationURL or CancelURL with what is true of the permission at this moment, signed where the partner wants that;
    empty where the partner has named none."""
    url = permission.confirmation_url if permission.state == ACTIVE else permission.cancel_url
    if not url:
        return ""
    parts, partner = urlsplit(url), permission.giver.partner
    try:
        query = redirect_secrets.query_for(partner, parts.query, permission.public_id, permission.state, at=clock.now())
    except UnreadableSecret:
        log.exception("redirect not signed", extra={"partner": partner.pk, "permission": permission.public_id})
        query = redirect_secrets.with_id(parts.query, permission.public_id)
    return iri_to_uri(urlunsplit(parts._replace(query=query)))


def _does_not_fit(request: HttpRequest) -> HttpResponse:
    detail = "This address does not belong to what it names. Nothing was changed: go back to the page you came from."
    return standing.problem(request, "This link does not fit", detail, 400, None)


def _not_found(request: HttpRequest) -> HttpResponse:
    detail = "There is nothing to agree to at this address. Nothing was charged here: go back to the page that sent you."
    return standing.problem(request, "Nothing here", detail, 404, None)


def _look_again(request: HttpRequest, permission: Permission) -> HttpResponse:
    detail = f"{permission.provider} does not answer at this moment. Nothing was charged: please look again."
    page = standing.problem(request, "One moment, please", detail, 503, None, looks=standing.looks_of(request))
    page["Retry-After"] = str(standing.RETRY_AFTER_SECONDS)
    return page
