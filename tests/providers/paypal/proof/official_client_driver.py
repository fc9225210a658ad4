"""PayPal's own client, told what to do line by line. Runs in its own environment and knows nothing of the service.

It reads one JSON object a line, {"account": [base URL, client id, client secret], "controller": "orders",
"method": "capture_order", "arguments": {...}, "model": "OrderRequest"}, and answers one a line: {"status", "headers",
"body"}, or {"status", "name", "message", "debug_id", "issues", "links"}.
The body has been through the client's own classes: what they do not know is gone, what they cannot read is an "error".
"""

import functools
import importlib
import json
import re
import sys

from paypalserversdk.api_helper import APIHelper
from paypalserversdk.configuration import Configuration, Environment, Server
from paypalserversdk.exceptions.api_exception import ApiException
from paypalserversdk.http.auth.o_auth_2 import ClientCredentialsAuthCredentials
from paypalserversdk.paypal_serversdk_client import PaypalServersdkClient


def model(name: str, value: dict) -> object:
    module = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    return getattr(importlib.import_module(f"paypalserversdk.models.{module}"), name).from_dictionary(value)


def told(client: PaypalServersdkClient, asked: dict) -> dict:
    arguments = asked["arguments"]
    if "model" in asked:
        arguments["body"] = model(asked["model"], arguments["body"])
    try:
        answer = getattr(getattr(client, asked["controller"]), asked["method"])(arguments)
    except ApiException as error:
        return {
            "status": error.response_code,
            "name": getattr(error, "name", None),
            "message": getattr(error, "message", None),
            "debug_id": getattr(error, "debug_id", None),
            "issues": [detail.issue for detail in getattr(error, "details", None) or []],
            "links": [[link.rel, link.href] for link in getattr(error, "links", None) or []],
        }
    except Exception as error:  # noqa: BLE001 - whatever the client cannot read is told, not hidden
        return {"error": f"{type(error).__name__}: {error}"}
    body = json.loads(APIHelper.json_serialize(answer.body)) if answer.body else None
    return {"status": answer.status_code, "headers": dict(answer.headers), "body": body}


@functools.cache
def client_of(base_url: str, client_id: str, client_secret: str) -> PaypalServersdkClient:
    """A client for one account. Where it connects to cannot be said but for all clients at once."""
    credentials = ClientCredentialsAuthCredentials(o_auth_client_id=client_id, o_auth_client_secret=client_secret)
    return PaypalServersdkClient(environment=Environment.SANDBOX, client_credentials_auth_credentials=credentials, timeout=20)


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        base_url, client_id, client_secret = asked["account"]
        Configuration.environments[Environment.SANDBOX][Server.DEFAULT] = base_url
        print(json.dumps(told(client_of(base_url, client_id, client_secret), asked)), flush=True)


if __name__ == "__main__":
    main()
