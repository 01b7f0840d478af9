"""The SQL statements of one request, without BEGIN and COMMIT: asked for in here, because a server cannot say."""

import base64
import json
import sys

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

TRANSACTION = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def main() -> None:
    """Reads [[method, path, body, headers], ...] and writes the statements of each, [[sql, ...], ...]."""
    client = Client(SERVER_NAME="localhost")
    json.dump([statements(client, *wanted) for wanted in json.load(sys.stdin)], sys.stdout)


def statements(client: Client, method: str, path: str, body: str, headers: dict[str, str]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        client.generic(method, path, base64.b64decode(body), content_type="application/json", headers=headers)
    return [query["sql"] for query in captured if not query["sql"].startswith(TRANSACTION)]
