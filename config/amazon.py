"""The Amazon Pay accounts: the first one's settings are AMAZON_PAY_..., and AMAZON_PAY_ACCOUNTS names further ones, whose are
AMAZON_PAY_<NAME>_... Test keys have TEST in the names of theirs, before the account's: AMAZON_PAY_TEST_<NAME>_...
"""

import os
import re
from collections.abc import Mapping, MutableMapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config import env
from providers.amazon.regions import MULTI_CURRENCY, REGIONS
from providers.amazon.setting_names import FIRST, KEYS, OF_ONE_MODE, OF_THE_ACCOUNT, setting_of
from providers.kit.keys import named

_NAME = re.compile(r"[A-Z][A-Z0-9]{0,19}")
_NOT_NAMES = frozenset({"TEST", "LIVE"})
"""They stand in the names of settings for something else."""
_OF_SOME_ACCOUNT = re.compile(rf"AMAZON_PAY_(?:TEST_)?([A-Z0-9]+)_(?:{'|'.join((*OF_ONE_MODE, *OF_THE_ACCOUNT))})")


def names() -> list[str]:
    """Those of further accounts. Raises ImproperlyConfigured, also where one has settings and is not named."""
    found = list(dict.fromkeys(name.upper() for name in env.words("AMAZON_PAY_ACCOUNTS")))
    if not all(_NAME.fullmatch(name) and name not in _NOT_NAMES for name in found):
        raise ImproperlyConfigured(
            "AMAZON_PAY_ACCOUNTS must be names of your own for further accounts, with commas between, such as UK,JP: each a "
            "letter and up to 19 letters or digits, but not TEST or LIVE"
        )
    for setting, told in os.environ.items():
        of = _OF_SOME_ACCOUNT.fullmatch(setting)
        if of and told.strip() and of[1] not in _NOT_NAMES.union(found):
            raise ImproperlyConfigured(
                f"{setting} is set, and AMAZON_PAY_ACCOUNTS does not name {of[1]}: name it there, or leave this out."
            )
    return found


def read(settings: MutableMapping[str, Any]) -> None:
    """Add the settings of each account, for live and for test records. Raises ImproperlyConfigured."""
    for account in accounts(settings):
        _read_account(settings, account)
        for is_test in (False, True):
            _read_keys(settings, account, is_test=is_test)
        _check_it_has_keys(account)


def accounts(settings: Mapping[str, Any]) -> list[str]:
    """Their names; the first has none."""
    return [FIRST, *settings["AMAZON_PAY_ACCOUNTS"]]


def is_test(settings: Mapping[str, Any], account: str, *, among_test_keys: bool) -> bool:
    """Whether the account's keys are test keys by their looks: those in the live settings, or `among_test_keys`."""
    key = settings[named(setting_of(account, "PUBLIC_KEY_ID"), is_test=among_test_keys)]
    base = settings[named(setting_of(account, "API_BASE"), is_test=among_test_keys)]
    if key.startswith("LIVE"):
        return False
    return bool(key) and (key.startswith("SANDBOX") or base != REGIONS[settings[setting_of(account, "REGION")]].api)


def check_apart(settings: Mapping[str, Any]) -> None:
    """Raises ImproperlyConfigured where two sets of keys are of one account, or two accounts would be believed for each other:
    Amazon has a topic for each."""
    for what in ("MERCHANT_ID", "TOPIC_ARN"):
        for for_test in (False, True):
            seen: dict[str, str] = {}
            for account in accounts(settings):
                name = named(setting_of(account, what), is_test=for_test)
                if settings[name] and (other := seen.setdefault(settings[name], name)) != name:
                    raise ImproperlyConfigured(f"{name} is the same as {other}: give each account of Amazon Pay once.")


def _read_account(settings: MutableMapping[str, Any], account: str) -> None:
    """Where it was opened, and what it charges."""
    called = {what: setting_of(account, what) for what in OF_THE_ACCOUNT}
    code = settings[called["REGION"]] = env.word(called["REGION"], "" if account else "NA", tuple(REGIONS))
    region, ledger = REGIONS[code], called["LEDGER_CURRENCY"]
    settings[ledger] = env.word(ledger, "", region.ledgers) if env.text(ledger) else ""
    besides = [currency.upper() for currency in env.words(called["CURRENCIES"])]
    if besides and not region.multi_currency:
        raise ImproperlyConfigured(
            f"{called['CURRENCIES']} is for accounts of the regions EU and UK: others charge one currency"
        )
    if set(besides) - set(MULTI_CURRENCY):
        raise ImproperlyConfigured(f"{called['CURRENCIES']} must be some of {', '.join(MULTI_CURRENCY)}, with commas between")
    settings[called["CURRENCIES"]] = besides
    settings[called["SCRIPT_URL"]], _ = env.web_address(called["SCRIPT_URL"], region.script)


def _read_keys(settings: MutableMapping[str, Any], account: str, *, is_test: bool) -> None:
    """All of them, or none."""
    called = {what: named(setting_of(account, what), is_test=is_test) for what in OF_ONE_MODE}
    region = REGIONS[settings[setting_of(account, "REGION")]]
    settings[called["API_BASE"]], _ = env.web_address(called["API_BASE"], region.api)
    for what in ("PUBLIC_KEY_ID", "MERCHANT_ID", "STORE_ID", "TOPIC_ARN"):
        settings[called[what]] = env.text(called[what])
    settings[called["PRIVATE_KEY"]] = env.rsa_key_in(called["PRIVATE_KEY"])
    for one in KEYS:
        env.needs(called[one], *(called[other] for other in KEYS if other != one), provider="Amazon")


def _check_it_has_keys(account: str) -> None:
    """An account with a name has some: else the name is a slip of the pen."""
    keys = [setting_of(account, name) for name in KEYS]
    if account and not any(env.text(named(keys[0], is_test=is_test)) for is_test in (False, True)):
        raise ImproperlyConfigured(
            f"AMAZON_PAY_ACCOUNTS names {account}, so {' and '.join(keys)} must be set too, or those of its sandbox "
            f"(AMAZON_PAY_TEST_{account}_...): docs/operators.md says where Amazon shows them."
        )
