"""Sixty subjects that have broken mail programs, and that must read the same at the other end."""

from __future__ import annotations

_SMUGGLED = {
    f"smuggled-{number}": f"News{end}{header}"
    for number, (end, header) in enumerate(
        (end, header)
        for end in ("\r\n", "\n", "\r", "\n ", "\r\n\t", "\x0b", "\x0c", "\x85", "\u2028", "\x00\r\n")
        for header in ("Bcc: everyone@example.com", "\r\n<script>alert(1)</script>")
    )
}
_ENCODED = {
    "encoded-break": "=?utf-8?q?News=0D=0ABcc:_everyone@example.com?=",
    "encoded-base64": "=?utf-8?b?TmV3cw0KQmNjOiB4QHkuZXhhbXBsZQ==?=",
    "encoded-plain": "=?utf-8?q?x?= is not x",
    "encoded-half": "=? ?= =?utf-8?b?",
    "encoded-unknown": "=?no-such-charset?q?abc?=",
    "encoded-two": "=?utf-8?q?a?= =?utf-8?q?b?=",
    "encoded-inside": "a=?utf-8?q?b?=c",
    "encoded-long": "=?utf-8?q?" + "a" * 100 + "?=",
    "equals": "=3D = =20 a=b",
    "percent": "100 % of %s and %(name)s %0d%0aBcc:",
}
_LONG = {
    "word-77": "w" * 77,
    "word-78": "w" * 78,
    "word-300": "W" * 300,
    "words-300": "many words, and more; " * 14,
    "foreign-words-300": "Wörter über Wörter " * 16,
    "foreign-word-300": "語" * 300,
    "emoji-300": "🎉" * 300,
    "combining": "e\u0301" * 150,
    "one-sign-per-line": "ä " * 150,
    "spaces-inside": "a" + " " * 100 + "b",
}
_FOREIGN = {
    "emoji-family": "👩‍👩‍👧‍👦 moves to 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "emoji-tones": "👍🏽 and ❤️‍🔥 and 1️⃣",
    "hebrew": "שלום עולם",
    "arabic-mixed": "خبر عاجل: AI beats 3 humans",
    "override": "left \u202eright\u202c left",
    "isolates": "a \u2066b\u2069 c \u200f d",
    "thai": "ข่าวประจำสัปดาห์",
    "devanagari": "समाचार पत्र",
    "surrogate": "broken \ud83d half",
    "astral": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𐍈",
}
_ODD = {
    "empty-spaces": " \t a \t ",
    "quotes": 'a "quoted" \\ (comment) <a@b>, c@d; e: f',
    "colon-first": ": x: y",
    "dot-first": ".hidden",
    "dash": "-- ",
    "backslashes": "\\\\n \\r\\n \\",
    "entities": "&amp;amp; &lt;b&gt; &#x41; &nbsp;",
    "json": '{"a": "\\u0000", \'b\': `c`}',
    "shell": "$(reboot) `id` ; rm -rf / | cat #",
    "tabs-and-breaks": "a\tb\r\n\r\nc",
}
SUBJECTS = {**_SMUGGLED, **_ENCODED, **_LONG, **_FOREIGN, **_ODD}
"""By name; what a build makes of them is `clean.text`."""
