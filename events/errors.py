"""The domain's refusals: facts with a stable code. Each kind stands beside the function that raises it."""

from venues.errors import Refusal


class DomainError(Refusal):
    """A rule of events said no; nothing was written."""


class Invalid(DomainError):
    """The input can never be right, whatever else is in the database."""

    code = "invalid"
    status = 400


class Forbidden(DomainError):
    """The actor may see this, but may not do that."""

    code = "forbidden"
    status = 403


class NotFound(DomainError):
    """Nothing of that name that the actor may see."""

    code = "not_found"
    status = 404
