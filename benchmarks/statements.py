"""How many statements a GET takes: `python -m benchmarks.statements`, with the key and the path as JSON on stdin.

In this process, the second time that it is asked.
"""

import json
import os
import sys
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


def main() -> None:
    import django

    django.setup()
    from django.db import connection
    from django.test import Client

    order = json.load(sys.stdin)
    client = Client(SERVER_NAME="127.0.0.1", headers={"Authorization": f"Bearer {order['key']}"})
    client.get(order["path"])
    counted: list[str] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        counted.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        answer = client.get(order["path"])
    if answer.status_code != 200:
        raise RuntimeError(f"{order['path']}: {answer.status_code}")
    json.dump({"statements": len(counted)}, sys.stdout)


if __name__ == "__main__":
    main()
