"""Fields that take exactly what JSON says: a number is a number, a text holds no control characters."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import EmailValidator, RegexValidator, URLValidator
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from events.models import email_key
from events.models.walltime import WallTimeError, zone

# No control characters and line separators; written so that JavaScript reads the same.
ONE_LINE = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$"
SOME_LINES = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u2028\u2029]*$"
FIRST_YEAR, LAST_YEAR = 1900, 2200
UNKNOWN_SHOWN = 20


class Input(serializers.Serializer[Any]):
    """The plain shape of a body. A field that is not declared is refused: a typo must not vanish silently.

    One instance serves every request: it keeps no state, and making one copies every field.
    """

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, Mapping):
            raise serializers.ValidationError(_("Send a JSON object."), code="not_an_object")
        unknown = [name for name in data if name not in self.fields][:UNKNOWN_SHOWN]
        errors: dict[str, Any] = {
            name: [serializers.ErrorDetail(_("There is no such field here, or it is read only."), "unknown_field")]
            for name in unknown
        }
        try:
            found: dict[str, Any] = super().to_internal_value(data)
        except serializers.ValidationError as refusal:
            raise serializers.ValidationError({**refusal.detail, **errors}) from refusal
        if errors:
            raise serializers.ValidationError(errors)
        return found

    def read(self, data: Any) -> dict[str, Any]:
        """The checked values of a body; ValidationError with one entry for each wrong field."""
        return dict(self.run_validation(data))


class Text(serializers.CharField):
    """One line of text, trimmed. With `is_long` it may have line breaks."""

    def __init__(self, *, is_long: bool = False, **options: Any) -> None:
        super().__init__(**options)
        message = _("Control characters and line breaks are not allowed.")
        # A pattern, so that the schema tells it.
        self.validators.append(RegexValidator(SOME_LINES if is_long else ONE_LINE, message, code="control"))

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return data.strip()


@extend_schema_field({"type": "string", "pattern": r"^[-a-zA-Z0-9_]+$", "maxLength": 80})
class Slug(serializers.SlugField):
    """The address of something: given to a new thing, or naming another one."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=80, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return data


class Uid(serializers.UUIDField):
    """The UUID of something."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid", value=str(data)[:80])
        return super().to_internal_value(data)


class Number(serializers.IntegerField):
    """A whole number; "5", 5.0 and true are none."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


@extend_schema_field(OpenApiTypes.DOUBLE)
class Degrees(serializers.FloatField):
    """A part of a position on earth."""

    def to_internal_value(self, data: Any) -> float:
        if not isinstance(data, int | float) or isinstance(data, bool):
            self.fail("invalid")
        return float(data)


class YesNo(serializers.BooleanField):
    """true or false, nothing that looks like it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Choice(serializers.ChoiceField):
    """One of a few words."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            self.fail("invalid_choice", input=str(data)[:80])
        return data


@extend_schema_field(
    {
        "type": "string",
        "description": "ISO 8601: with an offset, or local time without one in the given `timezone`.",
        "pattern": r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|z|[+-]\d{2}:?\d{2})?$",
    }
)
class Moment(serializers.Field[Any, Any, Any, Any]):
    """An ISO 8601 time, aware or local; which zone a local one is meant in, the view knows."""

    default_error_messages = {
        "invalid": _("Write a time like 2026-12-01T10:00:00+09:00, or 2026-12-01T10:00:00 with a timezone."),
        "offset": _("Write the offset too, such as 2026-12-01T10:00:00+09:00."),
    }

    def __init__(self, *, needs_offset: bool = False, **options: Any) -> None:
        self.needs_offset = needs_offset
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> datetime:
        found = _parsed(parse_datetime, data)
        if found is None or not FIRST_YEAR < found.year < LAST_YEAR:
            self.fail("invalid")
        if self.needs_offset and timezone.is_naive(found):
            self.fail("offset")
        return found


@extend_schema_field(OpenApiTypes.DATE)
class Day(serializers.Field[Any, Any, Any, Any]):
    """An ISO 8601 date."""

    default_error_messages = {"invalid": _("Write a date like 2026-12-01.")}

    def to_internal_value(self, data: Any) -> date:
        found = _parsed(parse_date, data)
        if found is None or not FIRST_YEAR < found.year < LAST_YEAR:
            self.fail("invalid")
        return found


def _parsed(parse: Any, data: Any) -> Any:
    try:
        return parse(data) if isinstance(data, str) and data.isascii() else None
    except ValueError:
        return None


@extend_schema_field({"type": "string", "maxLength": 64, "description": "IANA name, such as Asia/Seoul."})
class Zone(Text):
    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=64, **options)

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        try:
            zone(name)
        except WallTimeError as error:
            raise serializers.ValidationError(str(error), code="unknown_zone") from error
        return name


@extend_schema_field({"type": "string", "format": "email", "maxLength": 254})
class Email(Text):
    """An e-mail address that can be compared (RULES 5)."""

    check = EmailValidator()

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=254, **options)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not text and self.allow_blank:
            return text
        try:
            self.check(text)
            if len(email_key(text)) > 254:
                raise ValueError(text)
        except (DjangoValidationError, ValueError) as error:
            raise serializers.ValidationError(_("That is no e-mail address."), code="invalid_email") from error
        return text


@extend_schema_field({"type": "string", "format": "uri", "maxLength": 200, "description": "http or https"})
class Web(Text):
    """An address for browsers."""

    check = URLValidator(schemes=["http", "https"])

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 200, "allow_blank": True, **options})

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not text:
            return text
        try:
            self.check(text)
            urlsplit(text)
        except (DjangoValidationError, ValueError) as error:
            message = _("Write an address like https://example.org/.")
            raise serializers.ValidationError(message, code="invalid_url") from error
        return text


def titles(*, most: int = 200) -> dict[str, Text]:
    return {f"title_{code}": Text(max_length=most, required=False, allow_blank=True) for code in ("ko", "en")}
