"""Invitations to events that are over: "Join us at the Ports Summit, 4 May" says nothing to a reader of 8 May.

An article is one where all of these hold, since a false verdict costs a story:

- A day is named that lies after the article came out: in the title, or in the first sentence of the excerpt if that
  calls. One until which something may be done is none.
- Its title names an event or calls, and somebody is called: "join us", "register for", "When: 4 May"; an event that
  exists for those who come (a webinar, a meetup, a user group) calls by its name alone, but only in a title.
- Nothing in it says that there is more to tell: a recording, a recap, a cancellation, a deadline.

A report of a past day names one that does not lie ahead, and so is never taken for an invitation, whatever its words.
Of several days the last one counts, so that a fair is over when it closes. A day without a year is the next of its kind
after the article came out. Words are those of the languages that letters can be written in, months those of more.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from digest.records import datenames
from digest.text.phrases import stands_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from digest.model import Article

_CALLS = (
    # English
    "join us", "join me", "please join", "you're invited", "you’re invited", "you are invited", "save the date", "rsvp",
    "register now", "register today", "register here", "register for", "register to attend", "registration is open",
    "registration is now open", "sign up for", "sign up to attend", "book your seat", "book your place",
    "reserve your seat", "reserve your spot", "save your seat", "get your ticket", "get your tickets", "see you there",
    # German
    "melden sie sich an", "meldet euch an", "melde dich an", "jetzt anmelden", "zur anmeldung", "wir laden",
    "laden herzlich ein", "seien sie dabei", "sei dabei", "merken sie sich den termin",
    # French
    "inscrivez-vous", "inscris-toi", "rejoignez-nous", "réservez votre place", "réservez vos places",
    "inscriptions ouvertes", "nous vous invitons", "vous êtes invités", "réservez la date",
    # Spanish
    "regístrate", "regístrese", "inscríbete", "inscríbase", "acompáñanos", "acompáñenos", "apúntate", "te invitamos",
    "les invitamos", "os invitamos", "reserva tu plaza", "reserva la fecha", "inscripciones abiertas",
    # Italian
    "registrati", "registratevi", "iscriviti", "iscrivetevi", "unisciti a noi", "unitevi a noi", "ti invitiamo",
    "vi invitiamo", "prenota il tuo posto", "iscrizioni aperte", "segnate la data",
    # Portuguese
    "inscreva-se", "inscrevam-se", "inscreve-te", "registe-se", "junte-se a nós", "junta-te a nós", "convidamos",
    "garanta sua vaga", "garanta a sua vaga", "reserve a data", "inscrições abertas",
    # Dutch
    "meld je aan", "meld u aan", "schrijf je in", "schrijf u in", "wees erbij", "we nodigen je uit",
    "wij nodigen u uit", "reserveer je plek", "noteer de datum",
    # Polish
    "zarejestruj się", "zapisz się", "dołącz do nas", "zapraszamy", "zarezerwuj miejsce", "zapisy otwarte",
    # Turkish
    "kaydolun", "hemen kaydol", "kayıt olun", "bize katılın", "davetlisiniz", "yerinizi ayırtın",
    # Ukrainian
    "зареєструйтеся", "зареєструйтесь", "реєструйтеся", "реєструйтесь", "приєднуйтеся", "приєднуйтесь", "запрошуємо",
    # Arabic
    "سجل الآن", "سجّل الآن", "سجلوا الآن", "انضم إلينا", "انضموا إلينا", "ندعوكم", "احجز مقعدك", "احجزوا مقاعدكم",
    # Hebrew
    "הירשמו", "הרשמו", "הצטרפו אלינו", "אתם מוזמנים", "הנכם מוזמנים", "שריינו את התאריך",
    # Hindi
    "पंजीकरण करें", "रजिस्टर करें", "हमसे जुड़ें", "आमंत्रित हैं",
    # Japanese
    "お申し込み", "申込受付", "参加登録", "事前登録", "参加者募集", "参加者を募集", "ご参加ください",
    "ご参加をお待ち", "ぜひご参加",
    # Chinese
    "立即报名", "报名参加", "欢迎报名", "欢迎参加", "诚邀", "敬请参加", "预约报名",
    "立即報名", "報名參加", "歡迎報名", "歡迎參加", "誠邀", "敬請參加",
)  # fmt: skip
"""What calls readers to come, in lower case."""

_LABELS = (
    "when:", "date:", "wann:", "termin:", "quand :", "quand:", "cuándo:", "cuando:", "fecha:", "quando:", "data:",
    "wanneer:", "datum:", "kiedy:", "ne zaman:", "tarih:", "коли:", "дата:", "الموعد:", "التاريخ:", "מתי:", "תאריך:",
    "कब:", "दिनांक:", "日時:", "日時：", "日時 ", "开催日", "開催日", "時間：", "时间:", "时间：", "日期:", "日期：",
    "reminder:", "erinnerung:", "rappel :", "rappel:", "recordatorio:", "promemoria:", "lembrete:", "herinnering:",
    "przypomnienie:", "hatırlatma:", "нагадування:", "تذكير:", "תזכורת:",
)  # fmt: skip
"""What stands before the day in a notice, or before the whole, in lower case; it calls where an event is named."""

_GATHERINGS = (
    "webinar", "webinars", "webinaire", "webinaires", "webinario", "webinarios", "webinário", "webinars", "webinarium",
    "вебінар", "ندوة عبر الإنترنت", "וובינר", "वेबिनार", "ウェビナー", "ウェビナ",
    "网络研讨会", "線上研討會", "網路研討會",
    "meetup", "meet-up", "user group", "community call", "office hours", "bug squashing day", "bug squashing days",
    "online summit", "summit online", "virtual summit", "virtual conference", "online conference", "online-konferenz",
    "勉強会", "説明会", "線上講座", "线上讲座",
)  # fmt: skip
"""Events that exist for those who come, so that to name one is to call."""

_EVENTS = (
    "summit", "conference", "event", "meeting", "workshop", "forum", "expo", "symposium", "seminar", "hackathon",
    "open day", "konferenz", "tagung", "messe", "veranstaltung", "gipfel", "seminar", "tag der offenen tür",
    "conférence", "sommet", "salon", "atelier", "événement", "évènement", "séminaire", "colloque", "conferencia",
    "cumbre", "evento", "taller", "feria", "seminario", "jornada", "jornadas", "conferenza", "vertice", "fiera",
    "convegno", "conferência", "cúpula", "cimeira", "feira", "oficina", "seminário", "conferentie", "congres", "beurs",
    "bijeenkomst", "evenement", "konferencja", "szczyt", "targi", "warsztaty", "wydarzenie", "spotkanie", "konferans",
    "zirve", "fuar", "etkinlik", "atölye", "seminer", "конференція", "саміт", "форум", "виставка", "семінар",
    "захід", "зустріч", "مؤتمر", "المؤتمر", "قمة", "القمة", "منتدى", "ورشة", "معرض", "ندوة", "כנס", "ועידה", "ועידת",
    "סדנה", "אירוע", "תערוכה", "सम्मेलन", "शिखर सम्मेलन", "संगोष्ठी", "कार्यशाला", "カンファレンス", "サミット",
    "イベント", "セミナー", "フォーラム", "ワークショップ", "講演会", "展示会",
    "会议", "峰会", "大会", "论坛", "研讨会", "讲座", "工作坊", "展会",
    "會議", "高峰會", "論壇", "研討會", "講座", "展覽", "交流会",
)  # fmt: skip
"""Events that newspapers report on, too; alone they call nobody."""

_MORE_TO_TELL = (
    "recap", "recording", "recorded", "on demand", "on-demand", "replay", "cancelled",
    "canceled", "cancels", "postponed", "postpones", "rescheduled", "called off", "aufzeichnung", "rückblick",
    "abgesagt", "verschoben", "enregistrement", "rediffusion", "annulé", "annulée", "reporté", "reportée", "grabación",
    "cancelada", "cancelado", "aplazada", "aplazado", "registrazione disponibile", "annullato", "annullata", "rinviato",
    "rinviata", "gravação", "adiada", "adiado", "opname", "terugkijken", "afgelast", "uitgesteld", "nagranie",
    "odwołany", "odwołana", "odwołane", "przełożony", "przełożona", "iptal", "ertelendi", "скасовано", "перенесено",
    "запис", "إلغاء", "تأجيل", "בוטל", "בוטלה", "נדחה", "נדחתה", "रद्द", "स्थगित", "中止", "延期", "録画", "アーカイブ",
    "取消", "推迟", "回放", "延後", "改期",
    "deadline", "early bird", "early-bird", "einsendeschluss", "date limite", "fecha límite", "scadenza", "prazo",
    "son tarih", "締切", "締め切り", "截止",
)  # fmt: skip
"""What makes it worth reading when the day has passed, or makes the day another one than the event's."""

_UNTIL = frozenset(
    (
        "by", "until", "till", "before", "since", "from", "after", "bis", "vor", "seit", "ab", "nach", "jusqu’au",
        "jusqu'au", "avant", "hasta", "antes", "desde", "entro", "fino", "até", "tot", "vóór", "do", "przed", "od",
        "до", "від", "після", "kadar", "önce", "حتى", "قبل", "עד", "לפני", "तक",
    )
)  # fmt: skip
"""Words before a day that is not the event's own; ranges are read before them."""

_OF_THE_PAGE = ("newsletter", "briefing", "alerts", "updates", "trial", "account")
"""What readers are asked to sign up for on any page."""

_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|[\r\n]+|(?<=[。！？])")
_ORDINAL = r"(?:st|nd|rd|th|er|re|\.|º|o|a|e|-го)?"
_TO = r"(?:[-–—&/]|and|to|through|und|bis|et|au|y|al|e|en|tot|i|do|ve|та|і|до)"
_DAYS = rf"(?<![\w.,:])(?P<days>\d{{1,2}}{_ORDINAL}(?:\s?{_TO}\s?\d{{1,2}}{_ORDINAL}){{0,2}})"
# No month is longer; without an end a text that sets no blanks would be read to its end from each of its letters.
_MONTH = r"(?P<month>[^\W\d_][^\s\d,.;:/()'’\"“”|!?–—-]{1,30})\.?"
_YEAR = r"(?:,?\s*(?:de\s|del\s)?(?P<year>20\d\d)(?!\d))?"
_FORMS = (
    re.compile(rf"{_DAYS}\s?(?:of\s|de\s|di\s|d’|d')?\s?{_MONTH}{_YEAR}", re.IGNORECASE),
    re.compile(rf"{_MONTH}\s{_DAYS}(?![\w%]|[:.,]\d){_YEAR}", re.IGNORECASE),
    re.compile(
        r"(?:(?P<year>20\d\d)\s?年\s?)?(?P<month>\d{1,2})\s?月\s?(?P<days>\d{1,2}(?:\s?[-–—~〜、至]\s?\d{1,2})?)\s?[日号號]"
    ),
    re.compile(r"(?<!\d)(?P<year>20\d\d)-(?P<month>\d\d)-(?P<days>\d\d)(?!\d)"),
)
_NUMBER = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
_DIGITS = ("0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९", "０１２３４５６７８９")
_MONTH_DAYS = 32
"""Days from which on no more have to be looked at: their numbers have every digit that a number of a day can have."""

# Of three letters only these mean a month and hardly anything else; "out" and "ago" are months in Portuguese.
_SHORT = frozenset({"mai", "mei", "maj"})


def over(article: Article, published: date, day: date) -> tuple[date, str] | None:
    """Return the last day of the event that *article* invites to and the words that call, where it is before *day*.

    *published* is the day on which the article came out. None for everything that is not clearly such an invitation.
    """
    text = f"{article.title} {article.excerpt}"
    # Most articles are done with here, as their words hold no number of such a day.
    if not any(number in text for number in _days_between(published, day, ascii_alone=text.isascii())):
        return None
    call, last = _in_title(article, published) or _in_excerpt(article, published) or ("", day)
    return None if last >= day or _first_of(_MORE_TO_TELL, text) else (last, call)


@lru_cache(maxsize=256)
def _days_between(published: date, day: date, *, ascii_alone: bool) -> tuple[str, ...]:
    """Return the numbers of the days between two as texts may have them, in the digits of each script."""
    days = range(1, min((day - published).days, _MONTH_DAYS))
    numbers = dict.fromkeys(str((published + timedelta(days=after)).day) for after in days)
    scripts = _DIGITS[: 1 if ascii_alone else None]
    return tuple("".join(digits[int(digit)] for digit in number) for digits in scripts for number in numbers)


def _in_title(article: Article, published: date) -> tuple[str, date] | None:
    """Return the call and the last day that the title names; None where it names none, or nobody is called."""
    title = article.title
    if not _NUMBER.search(title):
        return None
    english = _ahead(title, _english, published)
    # Other languages are loaded for a title that has such words alone.
    call = _first_of(_CALLS, title) or _first_of(_GATHERINGS, title)
    if not call and _first_of(_EVENTS, title):
        call = next(filter(None, map(_call, (title, *_SENTENCE.split(article.excerpt)))), "")
    last = call and (english or _ahead(title, _foreign, published))
    return (call, last) if last else None


def _in_excerpt(article: Article, published: date) -> tuple[str, date] | None:
    """Return the call and the last day of the excerpt's first sentence; None where the title names no event, too."""
    first = _SENTENCE.split(article.excerpt, 1)[0]
    if not _NUMBER.search(first) or not (call := _call(first)):
        return None
    if not any(_first_of(phrases, article.title) for phrases in (_CALLS, _GATHERINGS, _EVENTS)):
        return None
    last = _ahead(first, _english, published) or _ahead(first, _foreign, published)
    return (call, last) if last else None


def _call(sentence: str) -> str:
    """Return the words of a sentence that call readers to come; "" for none."""
    folded = sentence.casefold()
    if any(word in folded for word in _OF_THE_PAGE):
        return ""
    # The end of another word is no label: "Update: Meeting of 4 May".
    labels = (label for label in _LABELS if label in folded and not folded.partition(label)[0][-1:].isalnum())
    return _first_of(_CALLS, sentence) or next(labels, "")


def _first_of(phrases: Iterable[str], text: str) -> str:
    """Return the first of *phrases* that stands in *text*, by whole words; "" for none."""
    folded = text.casefold()
    # Looked for as letters first: whole words take ten times as long.
    return next((phrase for phrase in phrases if phrase in folded and stands_in(phrase, text)), "")


def _ahead(text: str, month_of: Callable[[str], int], published: date) -> date | None:
    """Return the last day that *text* names after the day on which it was *published*; None for none."""
    return max((day for day in _dates(text, month_of, published) if day > published), default=None)


def _dates(text: str, month_of: Callable[[str], int], published: date) -> Iterator[date]:
    for form in _FORMS:
        for match in form.finditer(text):
            word = match["month"]
            month = int(word) if word.isdecimal() else month_of(word)
            if not month or not _UNTIL.isdisjoint(text[: match.start()].casefold().split()[-1:]):
                continue
            number = max(int(each) for each in _NUMBER.findall(match["days"]))
            if day := _day(match["year"], month, number, published):
                yield day


def _day(year: str | None, month: int, day: int, published: date) -> date | None:
    """Return a day of the calendar, without a year the next one from *published* on; None where there is none."""
    try:
        if year:
            return date(int(year), month, day)
        this_year = date(published.year, month, day)
        return this_year if this_year >= published else date(published.year + 1, month, day)
    except ValueError:
        return None


def _english(word: str) -> int:
    """Return the number of a month as English writes it, with a capital: "may 4" may be anything."""
    return datenames.english_month(word) if word[0].isupper() else 0


def _foreign(word: str) -> int:
    """Return the number of a month of another language; 0 for what is none, or another month elsewhere."""
    if word.isascii() and len(word) < 4 and word.casefold() not in _SHORT:
        return 0
    months = datenames.months(word)
    return next(iter(months)) if len(months) == 1 and not datenames.english_month(word) else 0
