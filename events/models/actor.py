"""Who is acting: nobody known, an attendee, a signed-in person, an API key, or Callboard itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal
from uuid import UUID

Role = Literal["owner", "editor", "viewer", "door"]

READING = frozenset({"owner", "editor", "viewer"})
EDITING = frozenset({"owner", "editor"})
SCOPES = ("read", "register", "allotment")  # what a key may be narrowed to: docs/decisions/0031
MAKING = frozenset({"register", "allotment"})  # those by which registrations come to be


@dataclass(frozen=True, slots=True)
class Grant:
    """What a key with scopes was given: a part of what a role in one organization may do. `line`: see `ApiKey`."""

    organization_id: int
    role: Role
    scopes: frozenset[str]
    line: UUID


@dataclass(frozen=True, slots=True)
class Actor:
    """`roles` maps an organization's database id to the role held there; a key holds exactly one.

    A key with scopes has a `grant` and no role but perhaps a reader's: who asks for roles alone lets it do too little.
    """

    kind: Literal["anonymous", "attendee", "person", "key", "system"] = "anonymous"
    person_id: int | None = None
    key_id: int | None = None
    attendee_id: int | None = None
    roles: Mapping[int, Role] = field(default_factory=lambda: MappingProxyType({}))
    is_operator: bool = False
    grant: Grant | None = None

    def organizations(self, among: frozenset[str]) -> frozenset[int]:
        """The organizations in which this actor holds one of the roles."""
        return frozenset(organization for organization, role in self.roles.items() if role in among)

    @property
    def nominating(self) -> frozenset[int]:
        """The organizations in whose name this actor nominates people for seats that others set aside for them."""
        if self.grant is None:
            return self.organizations(EDITING)
        may = "allotment" in self.grant.scopes and self.grant.role in EDITING
        return frozenset({self.grant.organization_id}) if may else frozenset()

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
