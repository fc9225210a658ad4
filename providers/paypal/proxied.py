"""A PayPal app in the proxy: its secret goes out where a token is asked for, and the token with every other request.

The other tier gets no token, but what only the proxy can make one of: the token encrypted with a key that is made of the
app's secret. So the proxy remembers nothing, and who asks for a token, and when, is decided where it always is.
"""

import base64
import hashlib
import json

from cryptography.fernet import Fernet, InvalidToken

from providers.kit.proxy_accounts import NotOurs, hidden
from providers.kit.proxy_wire import IN_THE_PROXY
from providers.kit.reading import json_of
from providers.kit.transport import Answer

TOKEN_PATH = "/v1/oauth2/token"  # noqa: S105 - a path


def account_name(client_id: str) -> str:
    """By the app's public id."""
    return f"paypal {client_id}"


class PayPalAccount:
    """See providers.kit.proxy_accounts.Account."""

    def __init__(self, base: str, client_id: str, client_secret: str) -> None:
        self.base, self.name = base, account_name(client_id)
        self._secret = client_secret
        self._keys, self._marked = _basic(client_id, client_secret), _basic(client_id, IN_THE_PROXY)
        digest = hashlib.sha256(b"whipround sealed paypal token\n" + client_secret.encode()).digest()
        self._seal = Fernet(base64.urlsafe_b64encode(digest))

    def with_secret(self, url: str, authorization: str) -> str:
        if url == self.base + TOKEN_PATH:
            if authorization != self._marked:
                raise NotOurs("no mark stands where the app's secret goes")
            return self._keys
        try:
            return f"Bearer {self._seal.decrypt(authorization.removeprefix('Bearer ')).decode()}"
        except (InvalidToken, ValueError):
            return "Bearer no-token-of-ours"  # PayPal's own 401, and another token is asked for

    def without_secret(self, url: str, answer: Answer, *, sent: str) -> Answer:
        if url == self.base + TOKEN_PATH:
            answer = Answer(answer.status, answer.headers, self._sealed(answer))
        return hidden(answer, sent.partition(" ")[2], self._secret)

    def _sealed(self, answer: Answer) -> bytes:
        """Of an answer to the call for a token: what is no token but is read there, and the token sealed."""
        told = (json_of(answer.body) or {}) if answer.status == 200 else {}
        token = told.get("access_token")
        kept = {
            name: told[name] for name in ("expires_in", "token_type", "scope") if isinstance(told.get(name), str | int | float)
        }
        if isinstance(token, str) and token.isascii() and token.isprintable() and token and " " not in token:
            kept["access_token"] = self._seal.encrypt(token.encode()).decode()
        return json.dumps(kept).encode()


def _basic(client_id: str, client_secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
