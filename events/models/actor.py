"""Who is acting: nobody known, an attendee, a signed-in person, an API key, or Callboard itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Role = Literal["owner", "editor", "viewer", "door"]

READING = frozenset({"owner", "editor", "viewer"})
EDITING = frozenset({"owner", "editor"})


@dataclass(frozen=True, slots=True)
class Actor:
    """`roles` maps an organization's database id to the role held there; a key holds exactly one."""

    kind: Literal["anonymous", "attendee", "person", "key", "system"] = "anonymous"
    person_id: int | None = None
    key_id: int | None = None
    attendee_id: int | None = None
    roles: Mapping[int, Role] = field(default_factory=lambda: MappingProxyType({}))
    is_operator: bool = False

    def organizations(self, among: frozenset[str]) -> frozenset[int]:
        """The organizations in which this actor holds one of the roles."""
        return frozenset(organization for organization, role in self.roles.items() if role in among)

    @property
    def credential(self) -> str:
        """What idempotency keys are scoped by (RULES 12)."""
        if self.kind == "key":
            return f"key:{self.key_id}"
        if self.kind == "attendee":
            return f"attendee:{self.attendee_id}"
        return f"person:{self.person_id}" if self.kind == "person" else "anonymous"


ANONYMOUS = Actor()
SYSTEM = Actor(kind="system", is_operator=True)
