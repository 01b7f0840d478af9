"""The tables of events, one file for each aggregate."""

from events.models.actor import ANONYMOUS, SCOPES, SYSTEM, Actor, Grant, Role
from events.models.admission import Draw, Guess, Invitation, Question
from events.models.campaign import Campaign, Partner, Programme
from events.models.change import Change, IdempotencyKey, ScheduleVersion, Sequencer
from events.models.delivery import Delivery
from events.models.event import Alias, Audience, Event, Series, Topic
from events.models.key import ApiKey, ApiKeyUsage
from events.models.organization import Member, Organization, SignIn
from events.models.person import Person, email_key
from events.models.publication import Publication
from events.models.registration import HOLDING, LIVE, TRANSITIONS, Attendee, Group, Registration
from events.models.release import Release, ReleasedCapacity, ReleaseEdit
from events.models.seats import SeatMovement, SeatPool
from events.models.session import Fragment, ParticipantFragment, Session, SessionSpeaker
from events.models.speaker import Speaker
from events.models.subscription import CalendarLink
from events.models.webhook import LastTold, Webhook, WebhookMessage
from events.models.wording import LANGUAGES, worded

__all__ = [
    "ANONYMOUS",
    "HOLDING",
    "LANGUAGES",
    "LIVE",
    "SCOPES",
    "SYSTEM",
    "TRANSITIONS",
    "Actor",
    "Alias",
    "ApiKey",
    "ApiKeyUsage",
    "Attendee",
    "Audience",
    "CalendarLink",
    "Campaign",
    "Change",
    "Delivery",
    "Draw",
    "Event",
    "Fragment",
    "Grant",
    "Group",
    "Guess",
    "IdempotencyKey",
    "Invitation",
    "LastTold",
    "Member",
    "Organization",
    "ParticipantFragment",
    "Partner",
    "Person",
    "Programme",
    "Publication",
    "Question",
    "Registration",
    "Release",
    "ReleaseEdit",
    "ReleasedCapacity",
    "Role",
    "ScheduleVersion",
    "SeatMovement",
    "SeatPool",
    "Sequencer",
    "Series",
    "Session",
    "SessionSpeaker",
    "SignIn",
    "Speaker",
    "Topic",
    "Webhook",
    "WebhookMessage",
    "email_key",
    "worded",
]
