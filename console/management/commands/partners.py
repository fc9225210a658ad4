"""partners; partners show|rename|add-host|remove-host|provider-off|provider-on|fee NAME ..."""

import json
from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import Count, Q

from console.operator_command import OperatorCommand
from notifications.outbox import endpoints_of
from partners import changes, fees
from partners.models import Partner
from partners.registration import BadPartner, told
from providers import registry


class Command(OperatorCommand):
    help = (
        "Lists partners, shows one, and changes its name, redirect hosts, fee, and the providers it is offered. Each change "
        "is made live and in test alike. Webhook endpoints: webhook_endpoint. Keys: keys."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        deeds = parser.add_subparsers(dest="deed", metavar="DEED")
        deeds.add_parser("list", help="all of them; also without a word").add_argument("--json", action="store_true")
        for deed, arguments, tells in (
            ("show", [], "all of its settings"),
            ("rename", ["new_name"], "its RecordOwner, and what givers read"),
            ("add-host", ["host"], "a host that its addresses may name, such as shop.example or shop.example:8443"),
            ("remove-host", ["host"], "which no new address may name then"),
            ("provider-off", ["provider"], "open no new checkouts there; NAME may be --all"),
            ("provider-on", ["provider"], "open checkouts there again; NAME may be --all"),
            ("fee", [], "what you keep of its gifts from now on; without options: as the settings say"),
        ):
            one = deeds.add_parser(deed, help=tells)
            one.add_argument("name", nargs="?" if deed.startswith("provider") else None, default="", metavar="NAME")
            for argument in arguments:
                one.add_argument(argument, metavar=argument.upper())
            if deed.startswith("provider"):
                one.add_argument("--all", action="store_true", help="every partner that there is now")
            if deed == "show":
                one.add_argument("--json", action="store_true")
            if deed == "fee":
                one.add_argument("--percent", default="")
                one.add_argument("--fixed", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        deed = options["deed"] or "list"
        do: Callable[[dict[str, Any]], None] = getattr(self, "_" + deed.replace("-", "_"))
        try:
            do(options)
        except (BadPartner, fees.BadFee) as error:
            raise CommandError(str(error)) from None

    # --- Looked at ------------------------------------------------------------------------------------------------

    def _list(self, options: dict[str, Any]) -> None:
        live_keys = Count("api_keys", filter=Q(api_keys__revoked_at=None))
        every = list(Partner.objects.annotate(live_keys=live_keys).order_by("name", "is_test"))
        if options.get("json"):
            self.stdout.write(json.dumps([told(one) for one in every]))
            return
        for one in every:
            mode = "test" if one.is_test else "live"
            self.stdout.write(f"{one.name}  {mode}  {one.live_keys} keys  since {one.created_at:%Y-%m-%d}")
        if not every:
            self.stdout.write("There are no partners: create_partner makes one.")

    def _show(self, options: dict[str, Any]) -> None:
        found = list(Partner.objects.filter(name=options["name"]).order_by("is_test"))
        if not found:
            raise BadPartner(f"there is no partner named {options['name']!r}")
        if options["json"]:
            self.stdout.write(json.dumps([told(one) | {"webhook_endpoints": _endpoints(one)} for one in found]))
            return
        for one in found:
            self._tell(one)

    def _tell(self, partner: Partner) -> None:
        says = told(partner)
        fee = ", ".join(
            f"{says[name]} {what}" for name, what in (("fee_percent", "percent"), ("fee_fixed", "fixed")) if says[name]
        )
        self.stdout.write(f"{partner.name} ({says['mode']})")
        for name, value in (
            ("redirect hosts", ", ".join(says["redirect_hosts"]) or "any"),
            ("fee", fee or "as the settings say"),
            ("providers off", ", ".join(says["providers_off"]) or "none"),
            ("redirects", "signed" if partner.redirect_secret_encrypted else "not signed"),
            ("webhooks", ", ".join(_endpoints(partner)) or "none"),
        ):
            self.stdout.write(f"    {name:<16}{value}")

    # --- Changed --------------------------------------------------------------------------------------------------

    def _rename(self, options: dict[str, Any]) -> None:
        self._tell_all(changes.rename(options["name"], options["new_name"]))

    def _add_host(self, options: dict[str, Any]) -> None:
        self._tell_all(changes.add_host(options["name"], options["host"]))

    def _remove_host(self, options: dict[str, Any]) -> None:
        self._tell_all(changes.remove_host(options["name"], options["host"]))

    def _fee(self, options: dict[str, Any]) -> None:
        percent, fixed = fees.percent(options["percent"], "--percent"), fees.fixed(options["fixed"], "--fixed")
        self._tell_all(changes.set_fee(options["name"], percent=percent, fixed=fixed))

    def _provider_off(self, options: dict[str, Any]) -> None:
        self._switch(options, on=False)

    def _provider_on(self, options: dict[str, Any]) -> None:
        self._switch(options, on=True)

    def _switch(self, options: dict[str, Any], *, on: bool) -> None:
        provider = registry.canonical_name(options["provider"])
        if provider is None:
            raise BadPartner(f"there is no provider {options['provider']!r}: {', '.join(registry.PROVIDER_NAMES)}")
        if options["all"] == bool(options["name"]):
            raise BadPartner("give the NAME of one partner, or --all")
        names = [options["name"]]
        if options["all"]:
            names = list(Partner.objects.order_by("name").values_list("name", flat=True).distinct())
        for name in names:
            changes.switch_provider(name, provider, on=on)
        self.stdout.write(f"{provider} is {'on' if on else 'off'} for {', '.join(names) or 'nobody'}.")

    def _tell_all(self, partners: list[Partner]) -> None:
        for one in partners:
            self._tell(one)


def _endpoints(partner: Partner) -> list[str]:
    return [endpoint.url for endpoint in endpoints_of(partner.pk)]
