"""The shape of a refusal (RFC 9457)."""

from rest_framework import serializers


class ProblemErrorOutput(serializers.Serializer):
    """Which input was wrong: a JSON pointer into the body, `?name` of a parameter, or the name of a header."""

    pointer = serializers.CharField(allow_blank=True, help_text="empty: the whole body")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemOutput(serializers.Serializer):
    """Why not. `code` is stable; `detail` is for people, in the asked language."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = ProblemErrorOutput(many=True)
