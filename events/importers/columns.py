"""The columns of our own template: English and Korean names, and what may stand in them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `help` is what the template says about it, `example` what it shows."""

    name: str
    korean: str
    help_en: str
    help_ko: str
    example: str = ""


COLUMNS = (
    Column(
        "event_id",
        "행사번호",
        "required; never changes; rows with the same id are sessions of one event",
        "필수. 바꾸지 않는 값. 같은 번호의 행은 한 행사의 여러 회차",
        "vfx-01",
    ),
    Column("session_id", "회차번호", "only if sessions may change their order", "회차 순서가 바뀔 수 있을 때만", "1"),
    Column(
        "title_ko",
        "제목(한국어)",
        "a title in at least one language",
        "한국어나 영어 제목 중 하나는 필수",
        "버추얼 프로덕션 입문",
    ),
    Column(
        "title_en",
        "제목(영어)",
        "a title in at least one language",
        "한국어나 영어 제목 중 하나는 필수",
        "Introduction to Virtual Production",
    ),
    Column(
        "kind",
        "종류",
        "workshop, masterclass, talk, course, cohort or other",
        "워크숍, 마스터클래스, 강연, 과정, 기수, 기타",
        "workshop",
    ),
    Column("language", "언어", "spoken language: ko, en, ...", "진행 언어: ko, en 등", "ko"),
    Column("topics", "주제", "several separated by ;", "여러 개는 ;로 구분", "virtual production; VFX"),
    Column(
        "starts",
        "시작",
        "2026-10-03 14:00, or 2026-10-03 for a whole day; required",
        "필수. 2026-10-03 14:00, 종일이면 2026-10-03",
        "2026-10-03 14:00",
    ),
    Column(
        "ends",
        "종료",
        "like starts, or only 16:00; a whole day includes its last day",
        "시작과 같은 형식 또는 16:00만. 종일은 마지막 날까지 포함",
        "16:00",
    ),
    Column(
        "timezone",
        "시간대",
        "only if not the one given when importing, e.g. Asia/Seoul",
        "가져올 때 지정한 시간대와 다를 때만, 예: Asia/Seoul",
        "Asia/Seoul",
    ),
    Column("venue", "장소", "name of the venue", "장소 이름", "영화의전당"),
    Column("room", "강의실", "name of the room in the venue", "장소 안의 강의실 이름", "소극장"),
    Column("capacity", "정원", "seats of the event; empty: no limit", "행사 정원. 비우면 제한 없음", "30"),
    Column("speakers", "강사", "several separated by ;", "여러 명은 ;로 구분", "홍길동; Jane Doe"),
    Column("summary_ko", "요약(한국어)", "at most 500 characters", "500자 이내"),
    Column("summary_en", "요약(영어)", "at most 500 characters", "500자 이내"),
    Column("description_ko", "설명(한국어)", "Markdown", "마크다운 가능"),
    Column("description_en", "설명(영어)", "Markdown", "마크다운 가능"),
    Column("status", "상태", "confirmed, tentative or cancelled; empty: confirmed", "확정, 미정, 취소. 비우면 확정"),
    Column("visibility", "공개", "public or unlisted; empty: public", "공개, 비공개 목록. 비우면 공개"),
    Column(
        "online_url",
        "접속주소",
        "joining address, shown to registered people only",
        "온라인 접속 주소. 신청자에게만 표시",
    ),
    Column("url", "웹주소", "web page about the event", "행사 안내 페이지"),
)

KINDS = {
    "워크숍": "workshop",
    "워크샵": "workshop",
    "마스터클래스": "masterclass",
    "강연": "talk",
    "과정": "course",
    "기수": "cohort",
    "기타": "other",
    **{kind: kind for kind in ("workshop", "masterclass", "talk", "course", "cohort", "other")},
}
STATUSES = {
    "": "confirmed",
    "확정": "confirmed",
    "미정": "tentative",
    "취소": "cancelled",
    **{status: status for status in ("confirmed", "tentative", "cancelled")},
}
VISIBILITIES = {"": "public", "공개": "public", "비공개 목록": "unlisted", "public": "public", "unlisted": "unlisted"}

ALIASES = {
    "source_id": "event_id",
    "id": "event_id",
    "title": "title_en",
    "제목": "title_ko",
    "방": "room",
    "끝": "ends",
}
NAMES = ALIASES | {column.name: column.name for column in COLUMNS} | {column.korean: column.name for column in COLUMNS}


def named(cell: str) -> str:
    """The column that a header cell means, in either language, "" for none of ours."""
    text = cell.strip().strip("\ufeff")
    return NAMES.get(text.lower().replace(" ", "_")) or NAMES.get(text.replace(" ", ""), "")
