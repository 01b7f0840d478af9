"""A receiver of Callboard's webhooks with nothing but Python's standard library.

    CALLBOARD_SECRET=whsec_... PORT=8002 python standard_library.py

Stands behind a proxy that speaks TLS. What it has seen is kept in the SQLite file RECEIVED (received.sqlite3).
"""

import base64
import hashlib
import hmac
import json
import os
import re
import sqlite3
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

# While a secret is exchanged for another both stand here, with a space between.
SECRETS = [base64.b64decode(secret.removeprefix("whsec_")) for secret in os.environ["CALLBOARD_SECRET"].split()]
TOLERANCE_SECONDS = 5 * 60
LARGEST = 1_000_000  # bytes; messages have a few hundred

store = sqlite3.connect(os.environ.get("RECEIVED", "received.sqlite3"))
store.execute("CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, at REAL NOT NULL)")
store.execute("CREATE TABLE IF NOT EXISTS things (uid TEXT PRIMARY KEY, seq INTEGER NOT NULL)")


def is_genuine(headers, body):
    """Whether Callboard sent exactly this within the last minutes: HMAC-SHA256 of id.timestamp.body."""
    stamp = headers.get("webhook-timestamp", "")
    if not re.fullmatch("[0-9]{1,12}", stamp) or abs(time.time() - int(stamp)) > TOLERANCE_SECONDS:
        return False
    signed = f"{headers.get('webhook-id', '')}.{stamp}.".encode() + body
    expected = [base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode() for secret in SECRETS]
    given = [part[3:] for part in headers.get("webhook-signature", "").split(" ") if part.startswith("v1,")]
    return any(hmac.compare_digest(one.encode(), other.encode()) for one in given for other in expected)


def take(message_id, message):
    """Each message once; and of two about the same thing never the older one after the newer one."""
    if store.execute("SELECT 1 FROM seen WHERE id = ?", [message_id]).fetchone():
        return  # sent again because our answer was lost
    data = message["data"]
    uid = data["session"] or data["event_uid"] or "all"
    last = store.execute("SELECT seq FROM things WHERE uid = ?", [uid]).fetchone()
    if last is None or data["seq"] > last[0]:
        refresh(message["type"], data)  # if this fails we answer 500, and Callboard sends it again
        store.execute("INSERT OR REPLACE INTO things VALUES (?, ?)", [uid, data["seq"]])
    store.execute("INSERT INTO seen VALUES (?, ?)", [message_id, time.time()])
    store.execute("DELETE FROM seen WHERE at < ?", [time.time() - 30 * 24 * 3600])
    store.commit()


def refresh(kind, data):
    """Yours: read data["url"], which says what is so now, and show it."""
    print(json.dumps({"type": kind, "seq": data["seq"], "url": data["url"]}), flush=True)


class Receiver(BaseHTTPRequestHandler):
    timeout = 10

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch("[0-9]{1,7}", length) or int(length) > LARGEST:
            return self.answer(413)
        body = self.rfile.read(int(length))
        if not is_genuine(self.headers, body):
            return self.answer(401)
        take(self.headers["webhook-id"], json.loads(body))
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()

    def log_message(self, *args):
        pass


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8002"))), Receiver)
    print(f"listening on {server.server_port}", file=sys.stderr, flush=True)
    server.serve_forever()
