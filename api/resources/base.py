"""What every resource does alike, in the places that tastypie has for it.

Never a ModelResource: it would read and write rows by itself. What is overridden here and why is in
docs/decisions/0044-tastypie-as-tastypie.md.
"""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NoReturn, cast

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from tastypie.bundle import Bundle
from tastypie.exceptions import ImmediateHttpResponse
from tastypie.resources import Resource
from tastypie.utils.mime import build_content_type

import replica
from api import conditions, errors, hot_reads, idempotency, notices, stale, throttling
from api.authentication import KeyAuthentication, actor_of, is_signed, key_of, partner_of
from api.authorization import OfTheOtherMode, OwnRecords, check_scope
from api.read_only import LARGEST_BODY_SENT_BACK, without_read_only
from api.request_errors import NoSuchRecord, NotYours
from api.serializer import Document, StrictSerializer
from partners import audit_log, keys
from web import negotiation, places
from web.problems import NotAcceptable, TooManyRequests, VerbNotAllowed
from web.request_limits import LARGEST_BODY_BYTES
from xml_schemas.reader import BodyFaults, Fault, Node

log = logging.getLogger(__name__)


def _note_use(request: HttpRequest) -> None:
    """After the work, and never at its cost: a database that is busy hears of the next use."""
    key = getattr(request, "api_key", None)
    try:
        if key is not None:
            keys.note_use(key)
    except (OperationalError, InterfaceError) as error:
        log.warning("the last use of a key was not written", extra={"key": str(key), "error": str(error)[:200]})


class PartnerResource(Resource):
    """A resource of the partner whose key the request carries. Every error becomes a problem document."""

    called = "record"
    """What a sentence calls one of them."""

    class Meta:
        serializer = StrictSerializer()
        authentication = KeyAuthentication()
        authorization = OwnRecords()
        throttle = throttling.KeyThrottle()
        default_format = negotiation.XML
        allowed_methods: list[str] = []
        include_resource_uri = False
        asks_provider: frozenset[str] = frozenset()
        """Methods that may wait for a provider's answer: so many at once (web/places.py)."""
        from_replica: frozenset[str] = frozenset()
        """Methods such as "get_detail" that a replica may answer (replica.py): they change nothing."""
        read_with_key: dict[str, hot_reads.Read] = {}
        """How a method such as "get_detail" reads its record together with the key, by one statement."""
        scopes: dict[str, str] = {}
        """The scope that a method such as "post_capture" needs, where its verb does not say it (api/authorization.py)."""

    # --- Asked ----------------------------------------------------------------------------------------------------

    def wrap_view(self, view: str) -> Callable[..., HttpResponse]:
        """The view "dispatch_KIND", as tastypie's users know it: its verbs are in Meta.KIND_allowed_methods, and the method
        VERB_KIND answers each. Raises AttributeError where Meta has no such kind."""
        kind = view.removeprefix("dispatch_")
        getattr(self._meta, f"{kind}_allowed_methods")  # at the start, not when the first request comes

        @csrf_exempt
        def answer(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            try:
                if self._may_be_the_replicas(kind, request):
                    response = replica.read(lambda: self.dispatch(kind, request, **kwargs))
                else:
                    response = self.dispatch(kind, request, **kwargs)
            except ImmediateHttpResponse as finished:
                response = cast(HttpResponse, finished.response)
            except Exception as error:  # noqa: BLE001 - every error becomes a problem document here; the unknown ones are logged
                response = errors.respond(request, error)
            notices.tell(request, response)
            throttling.tell(request, response)
            _note_use(request)
            return response

        answer.resource, answer.view = self, view  # type: ignore[attr-defined] # for api/openapi, which describes what there is
        return answer

    def dispatch(self, request_type: str, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """As tastypie's, but for what would read the body as a form, and for X-HTTP-Method-Override, which is not looked at."""
        verb = self.method_check(request, getattr(self._meta, f"{request_type}_allowed_methods"))
        method = f"{verb}_{request_type}"
        hot_reads.offer(request, self._meta.read_with_key.get(method), kwargs)
        self.is_authenticated(request)
        self.throttle_check(request)
        self._meta.authentication.use_up(request)
        check_scope(key_of(request), method, self._meta.scopes)
        throttling.check_changes(request)
        self.determine_format(request)  # before anything is done: what nobody could read is not made
        notices.begin(request)
        if request.wanted_media == negotiation.TEXT_XML:  # type: ignore[attr-defined]
            notices.sent_of(request).tell(negotiation.OLD_TYPE_ASKED)
        asks = method in self._meta.asks_provider
        with audit_log.acting(actor_of(request)), places.place(request, partner_of(request).pk) if asks else nullcontext():
            response = idempotency.also_where_it_is_gone(request, lambda: getattr(self, method)(request, **kwargs))
        throttling.count_change(request, response)
        self.log_throttled_access(request)
        return response

    def _may_be_the_replicas(self, kind: str, request: HttpRequest) -> bool:
        """Who waits for news is not answered before there is some, and what is signed is used up: the primary tells both."""
        is_read = request.method in {"GET", "HEAD"} and f"get_{kind}" in self._meta.from_replica
        return is_read and not is_signed(request) and "wait" not in {name.lower() for name in request.GET}

    def throttle_check(self, request: HttpRequest) -> None:
        """As tastypie's, but that the answer is a problem document. Raises TooManyRequests."""
        identifier = self._meta.authentication.get_identifier(request)
        seconds = self._meta.throttle.should_be_throttled(identifier, request=request)
        standing = throttling.standing_of(request)
        if seconds and standing:
            standing.check()
        elif seconds:
            raise TooManyRequests(f"Send the next request in {seconds} s.", headers={"Retry-After": str(seconds)})

    def method_check(self, request: HttpRequest, allowed: list[str] | None = None) -> str:
        """The verb as a method's prefix; HEAD is a GET. Raises VerbNotAllowed."""
        verbs = allowed or []
        verb = (request.method or "").lower()
        verb = "get" if verb == "head" else verb
        if verb not in verbs:
            names = ", ".join([name.upper() for name in verbs] + (["HEAD"] if "get" in verbs else []))
            raise VerbNotAllowed(f"This path has {names}.", headers={"Allow": names})
        return verb

    # --- Found ----------------------------------------------------------------------------------------------------

    def stored(self, public_id: str) -> Any:
        """The record by its Id, whoever's it is, deleted or not; None where there never was one."""
        raise NotImplementedError

    def tag(self, record: Any, /) -> str:
        """What the ETag says of the record, in any format."""
        raise NotImplementedError

    def document(self, request: HttpRequest, record: Any, /) -> Document:
        """What GET answers."""
        raise NotImplementedError

    def is_gone(self, record: Any, /) -> bool:
        """Whether its owner, too, is told that there is none."""
        return False

    def own(self, request: HttpRequest, public_id: str) -> Any:
        """The caller's record.

        Raises NotYours for another partner's, NoSuchRecord for a deleted one, for one of the key's other mode, and for none.
        """
        return self.obj_get(self.build_bundle(request=request), public_id=public_id)

    def obj_get(self, bundle: Bundle, **kwargs: str) -> Any:
        """As `own`."""
        record = hot_reads.taken(bundle.request) or self.stored(kwargs["public_id"])
        if record is not None:
            bundle.obj = record
            try:
                self._check_authorized(bundle)
            except OfTheOtherMode:
                record = None
        if record is None or self.is_gone(record):
            raise NoSuchRecord(f"There is no {self.called} with this Id.")
        return record

    def _check_authorized(self, bundle: Bundle) -> None:
        if bundle.request.method in {"GET", "HEAD"}:
            self.authorized_read_detail([bundle.obj], bundle)
        elif bundle.request.method == "DELETE":
            self.authorized_delete_detail([bundle.obj], bundle)
        else:  # POST makes something of the record that the path names, or below it
            self.authorized_update_detail([bundle.obj], bundle)

    def unauthorized_result(self, exception: Exception) -> NoReturn:
        raise NotYours(str(exception)) from None

    # --- Read -----------------------------------------------------------------------------------------------------

    def body_node(self, request: HttpRequest, *, read_only: frozenset[str] = frozenset()) -> Node:
        """The body, in either format. Elements that are `read_only` do not count to its size.

        Raises UnsupportedMedia, BodyTooLarge, UnreadablePostError, BodyFaults.
        """
        negotiation.check_media(request)  # told before anything is said of the body
        body = negotiation.body_of(request, LARGEST_BODY_SENT_BACK if read_only else LARGEST_BODY_BYTES)
        content_type, repair = negotiation.type_of_body(request, body)
        if repair is negotiation.OLD_TYPE_SENT:
            notices.sent_of(request).tell(repair)  # nothing is wrong with it, so nobody is refused for it
        elif repair is not None:
            notices.repair_type(request, repair)
        if len(body) > LARGEST_BODY_BYTES:
            body = without_read_only(body, content_type, self._meta.serializer.root, read_only)
        node: Node = self.deserialize(request, body, content_type)
        notices.take(request, node)
        return node

    def deserialize(self, request: HttpRequest, data: bytes, format: str = negotiation.XML) -> Node:  # noqa: A002 - tastypie's
        """As tastypie's, but that `format` is what the body really is: a client need not have said it."""
        node: Node = self._meta.serializer.deserialize(data, format=format)
        return node

    def check_no_body(self, request: HttpRequest, sentence: str = "This takes no body: leave it empty.") -> None:
        """Raises BodyFaults, UnsupportedMedia."""
        if self.has_body(request):
            negotiation.type_of_body(request, negotiation.body_of(request))
            raise BodyFaults([Fault("/", sentence)])

    def has_body(self, request: HttpRequest) -> bool:
        """Whether there is anything in it. Of a type that is not read nothing is looked at. Raises UnsupportedMedia."""
        negotiation.check_encoding(request)
        if negotiation.announces_a_body(request):
            negotiation.check_media(request)
        return bool(negotiation.body_of(request).strip())

    def stale_told(self, request: HttpRequest, find: Callable[[], Any]) -> AbstractContextManager[list[stale.Differing]]:
        """As stale.told_with_the_record, with what GET answers."""
        return stale.told_with_the_record(
            self.called, find, lambda record: (self.document(request, record), self.tag(record)), request
        )

    # --- Answered -------------------------------------------------------------------------------------------------

    def make_once(self, request: HttpRequest, make: Callable[[str], HttpResponse], check: Callable[[], object]) -> HttpResponse:
        """What a POST is answered with: by `make`, once for an Idempotency-Key.

        With ?ValidateOnly=1 `check` alone is called: it refuses whatever `make` would refuse, and stores nothing.
        """
        if not negotiation.validates_only(request):
            return idempotency.answer_once(request, make)
        if not idempotency.is_answered(request):
            check()
        return self.valid(request)

    def determine_format(self, request: HttpRequest) -> str:
        """The media type of the answer, which web/middleware.py has found out. Raises NotAcceptable."""
        as_json: bool | None = request.wants_json  # type: ignore[attr-defined]
        if as_json is None:
            raise NotAcceptable(
                f"Accept {negotiation.XML} (the default) or {negotiation.JSON}, or say ?format=xml or ?format=json."
            )
        return negotiation.JSON if as_json else negotiation.XML

    def create_response(
        self,
        request: HttpRequest,
        data: Document | Callable[[], Document],
        response_class: type[HttpResponse] = HttpResponse,
        *,
        tag: str = "",
        status: int = 200,
        location: str = "",
    ) -> HttpResponse:
        """The document in the format that the client wants; 304 where it has this one already.

        `data` may be a function, which is not called where the `tag` alone says that nothing has changed.
        """
        media = self.determine_format(request)
        etag = conditions.of_record(tag, as_json=media == negotiation.JSON) if tag else ""
        if etag and conditions.client_has(request, etag):
            return response_class(status=304, headers={"ETag": etag})
        document = data() if callable(data) else data
        body: bytes = self.serialize(request, document, media)
        if not etag:
            etag = conditions.of_bytes(body)
            if conditions.client_has(request, etag):
                return response_class(status=304, headers={"ETag": etag})
        headers = {"ETag": etag, "Content-Length": str(len(body))}
        if location:
            headers["Location"] = location
        if "Next" in document.content:
            headers["Link"] = f'<{document.content["Next"]}>; rel="next"'
        wanted: str = request.wanted_media  # type: ignore[attr-defined]
        response = response_class(body, status=status, content_type=build_content_type(wanted), headers=headers)
        notices.tell(request, response)  # before the answer is kept for an Idempotency-Key
        return response

    def valid(self, request: HttpRequest) -> HttpResponse:
        """The answer to ?ValidateOnly=1 where nothing is wrong: what would be repaired, and nothing is stored.

        It bears no ETag, since a client would take that for the record's.
        """
        response = self.create_response(request, Document("Validation", {"Notice": notices.told(request)}))
        del response["ETag"]
        return response
