"""People who register over HTTP while everything dies; and who outlives it: a mail server, a receiver of webhooks."""

import http.client
import json
import signal
import threading
import time
from hashlib import sha256
from itertools import count
from pathlib import Path

from tests.mail_server import MailServer
from tests.webhooks import Receiver

CLIENTS = 4
PATIENCE_SECONDS = 60


class Crowd:
    """SIGUSR1: nobody new comes, and who asked has an answer. SIGTERM: the servers close."""

    def __init__(self, *, port: int, slug: str, server: MailServer, receiver: Receiver, told: Path) -> None:
        self.port, self.slug, self.server, self.receiver, self.told = port, slug, server, receiver, told
        self.is_over = threading.Event()
        self.is_drained = threading.Event()
        self.numbers = count(1)
        self.answers: dict[str, str] = {}
        self.asked = 0
        self.faults: list[str] = []

    def run(self) -> None:
        signal.signal(signal.SIGUSR1, lambda *_: self.is_over.set())
        signal.signal(signal.SIGTERM, lambda *_: self.is_drained.set())
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.receiver.listen()
        clients = [threading.Thread(target=self.come) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        self.tell("people.json", {"asked": self.asked, "answers": self.answers, "faults": self.faults})
        self.is_drained.wait()
        taken = [[str(mail["Message-ID"]), sha256(mail.as_bytes()).hexdigest()] for mail in self.server.mails]
        self.tell("mails.json", taken)
        posts = [[got.headers["webhook-id"], sha256(got.body).hexdigest()] for got in self.receiver.taken]
        self.tell("posts.json", posts)

    def tell(self, name: str, words: object) -> None:
        draft = self.told / f"{name}.draft"
        draft.write_text(json.dumps(words))
        draft.rename(self.told / name)

    def come(self) -> None:
        while not self.is_over.is_set():
            email = f"person{next(self.numbers)}@mail.example"
            code = self.register(email)
            if code:
                self.answers[email] = code

    def register(self, email: str) -> str:
        """The same request until it is answered: the key makes it one registration."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            self.asked += 1
            try:
                status, answer = self.ask(email)
            except (OSError, http.client.HTTPException):
                continue  # whoever served it has died; the answer may be lost, the registration may be there
            if status == 201:
                return str(answer["code"])
            if status not in (409, 429, 503):
                self.faults.append(f"{email}: {status} {answer.get('code')}")
                return ""
            time.sleep(0.05)
        self.faults.append(f"{email}: no answer in {PATIENCE_SECONDS} s")
        return ""

    def ask(self, email: str) -> tuple[int, dict[str, object]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        body = json.dumps({"name": "Kim Haneul", "email": email, "language": "ko"})
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": f"the key of {email}",
            "Host": "callboard.test",
        }
        try:
            connection.request("POST", f"/api/v1/events/{self.slug}/registrations/", body, headers)
            response = connection.getresponse()
            answer = response.read()
            is_problem = "json" in response.headers.get("Content-Type", "")
            return response.status, json.loads(answer) if is_problem else {"code": answer[:200].decode()}
        finally:
            connection.close()
