"""The pages on which visitors buy gift certificates and claim them. They are spent by the form on the shop's own page."""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from whipround import Client, GiftCertificate, Problem, SavingGoal

from demo import known
from demo.forms import CertificateForm, ClaimForm
from demo.known import Visitor
from demo.pages import in_plain_words, see_other, status_of
from demo.remember_views import new_giver
from demo.shop import PAYEE, open_shop

CERTIFICATES = "certificates"
_ID = re.compile(r"[A-Za-z0-9]{1,64}")


@require_safe
@in_plain_words
def certificates(request: HttpRequest) -> HttpResponse:
    """/demo/certificates: what the visitor has, a form to buy one and one to claim one."""
    with open_shop() as (client, goal):
        return _page(request, known.visitor_of(request, client), goal)


@require_POST
@in_plain_words
def buy(request: HttpRequest) -> HttpResponse:
    """/demo/buy-certificate: a certificate that is to be paid, and on to where that is done."""
    form = CertificateForm.sent_with(request)
    with open_shop() as (client, goal):
        visitor = known.visitor_of(request, client)
        if not visitor.has_sent(request):
            form.fault = known.NO_COOKIE
            return _page(request, visitor, goal, buying=form, status=403)
        address = settings.PUBLIC_BASE_URL + reverse("demo:certificate")
        try:
            made = client.create_gift_certificate(
                amount=form.values["amount"],
                currency=goal.currency,
                payment_account_id=_account(client, goal),
                recipient_name=form.values["recipient"],
                message=form.values["message"] or None,
                reference=visitor.external_id,
                confirmation_url=address,
                cancel_url=address,
                idempotency_key=form.idempotency_key,
            )
        except Problem as problem:
            form.say(problem)
            return _page(request, visitor, goal, buying=form, status=status_of(problem))
    return see_other(made.provider_url)


@require_safe
@in_plain_words
def bought(request: HttpRequest) -> HttpResponse:
    """/demo/certificate: how a purchase stands. The code, which is money, is for the browser that has bought it alone."""
    with open_shop() as (client, goal):
        visitor = known.visitor_of(request, client)
        certificate = _certificate(client, request.GET.get("Id", ""))
    if certificate is None or not visitor.cookie or certificate.reference != visitor.external_id:
        return render(request, "demo/no_such_gift.html", status=404)
    return render(request, "demo/certificate.html", {"certificate": certificate, "goal": goal})


@require_POST
@in_plain_words
def claim(request: HttpRequest) -> HttpResponse:
    """/demo/claim-certificate: whoever types the code has what is on the certificate."""
    form = ClaimForm.sent_with(request)
    with open_shop() as (client, goal):
        visitor = known.visitor_of(request, client)
        if not visitor.has_sent(request):
            form.fault = known.NO_COOKIE
            return _page(request, visitor, goal, claiming=form, status=403)
        try:
            giver = visitor.giver or new_giver(client, visitor, form.values["name"], form.idempotency_key)
            client.claim_gift_certificate(
                giver.id, claim_code=form.values["code"], idempotency_key=f"{form.idempotency_key}-claim"
            )
        except Problem as problem:
            form.say(problem)
            return _page(request, known.visitor_of(request, client), goal, claiming=form, status=status_of(problem))
    return see_other(CERTIFICATES)


def _account(client: Client, goal: SavingGoal) -> str:
    """Who is paid for certificates: the shop itself."""
    accounts = (one for one in client.list_payment_accounts() if one.provider_name == "PayPal")
    account = next(accounts, None) or client.create_payment_account(
        provider_name="PayPal", credentials=PAYEE, idempotency_key=f"certificates-{goal.id}"
    )
    return account.id


def _certificate(client: Client, certificate_id: str) -> GiftCertificate | None:
    if not _ID.fullmatch(certificate_id):
        return None
    try:
        return client.get_gift_certificate(certificate_id)
    except Problem as problem:
        if problem.status in {403, 404}:
            return None
        raise


def _page(
    request: HttpRequest,
    visitor: Visitor,
    goal: SavingGoal,
    *,
    buying: CertificateForm | None = None,
    claiming: ClaimForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"goal": goal, "buying": buying or CertificateForm(), "claiming": claiming or ClaimForm()}
    return known.page_with_cookie(request, "demo/certificates.html", visitor, context, status=status)
