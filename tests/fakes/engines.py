"""The template languages of the services: a real engine where one runs here, else what their documentation says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import jinja2
import liquid
import pytest

TOOLS = Path(__file__).parent.parent.parent / ".cache" / "mail-tools" / "node_modules"
LINK = "https://service.example.com/leave/42"

_GO = """package main
import ("encoding/json"; html "html/template"; "os"; text "text/template")
func main() {
  var in struct{Kind, Words string}
  if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil { panic(err) }
  link := func() string { return "%s" }
  if in.Kind == "html" {
    safe := func(s string) html.HTML { return html.HTML(s) }
    t, err := html.New("x").Funcs(html.FuncMap{"UnsubscribeURL": link, "Safe": safe}).Parse(in.Words)
    if err != nil { panic(err) }
    if err := t.Execute(os.Stdout, nil); err != nil { panic(err) }
    return
  }
  t, err := text.New("x").Funcs(text.FuncMap{"UnsubscribeURL": link}).Parse(in.Words)
  if err != nil { panic(err) }
  if err := t.Execute(os.Stdout, nil); err != nil { panic(err) }
}
"""
_NODE = """
const handlebars = require('handlebars');
const words = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(handlebars.compile(words)({unsubscribe: '%s'}));
"""


@cache
def _go_program() -> str:
    folder = tempfile.mkdtemp(prefix="digest-go-")
    source = Path(folder) / "main.go"
    source.write_text(_GO % LINK, "utf-8")
    subprocess.run(
        ["go", "build", "-o", f"{folder}/render", str(source)],
        check=True, cwd=folder, env={**os.environ, "GOFLAGS": "-mod=mod", "GO111MODULE": "off"},
    )  # fmt: skip
    return f"{folder}/render"


def missing(what: str, *, here: bool) -> None:
    """Skip where *what* is not here; in CI that is a mistake of .ci/run."""
    if not here:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{what} is not here, though .ci/run installs it")
        pytest.skip(f"{what} is not here")


def go(words: str, kind: str) -> str:
    """Go's html/template for the HTML, as listmonk compiles it, text/template for the rest."""
    missing("go", here=bool(shutil.which("go")))
    asked = json.dumps({"Kind": kind, "Words": re.sub(r"(https?://\S+?)@TrackLink", "TRACKED", words)})
    return subprocess.run([_go_program()], input=asked, capture_output=True, text=True, check=True).stdout


def handlebars(words: str, kind: str) -> str:
    """Handlebars itself."""
    del kind
    missing(f"node with {TOOLS}/handlebars", here=bool(shutil.which("node")) and (TOOLS / "handlebars").exists())
    done = subprocess.run(
        ["node", "-e", _NODE % LINK],
        cwd=TOOLS.parent,
        input=json.dumps(words),
        capture_output=True,
        text=True,
        check=True,
    )
    return re.sub(r"\[(?:unsubscribe|weblink)\]|<%asm_\w+%>", "ACTED", done.stdout)


def liquid_and_django(words: str, kind: str) -> str:
    """Liquid, and Jinja for Django: both have to give the same."""
    del kind
    one = liquid.Environment().from_string(words).render(unsubscribe_url=LINK)
    other = jinja2.Environment(keep_trailing_newline=True).from_string(words).render(unsubscribe_url=LINK)
    assert one == other
    return one


def jinja(words: str, kind: str) -> str:
    """Jinja, whose tags are Django's; and the older tags of Brevo."""
    del kind
    environment = jinja2.Environment(keep_trailing_newline=True, autoescape=False)
    older = re.sub(r"\[[A-Z_]+\]|(?<!\{)\{[A-Z_]+\}", "ACTED", words)
    return environment.from_string(older).render(unsubscribe_url=LINK, unsubscribe=LINK)


def mailchimp(words: str, kind: str) -> str:
    """Merge tags as documented: `*|NAME|*`, conditions, one pass from left to right; unknown ones become nothing."""
    del kind
    bare = re.sub(r"\*\|IF:\w+\|\*(.*?)\*\|END:IF\|\*", r"\1", words, flags=re.DOTALL)
    if bare != words:  # one pass: what a condition leaves is not read again
        parts = re.split(r"(\*\|IF:\w+\|\*.*?\*\|END:IF\|\*)", words, flags=re.DOTALL)
        return "".join(
            re.sub(r"^\*\|IF:\w+\|\*|\*\|END:IF\|\*$", "", part) if number % 2 else _tags(part)
            for number, part in enumerate(parts)
        )
    return _tags(words)


def _tags(words: str) -> str:
    return re.sub(r"\*\|(.*?)\|\*", lambda found: LINK if found[1] == "UNSUB" else "", words, flags=re.DOTALL)


def resend(words: str, kind: str) -> str:
    """Resend's variables as documented: `{{{NAME}}}` and `{{{NAME|fallback}}}`."""
    del kind
    known = {"RESEND_UNSUBSCRIBE_URL": LINK}
    return re.sub(r"\{\{\{(.*?)\}\}\}", lambda found: known.get(found[1].partition("|")[0].strip(), ""), words)


def mailgun(words: str, variables: dict[str, str]) -> str:
    """Recipient variables as documented, and Mailgun's own unsubscribe tags; one pass from left to right."""
    tag = r"%recipient(?:\.(\w+))?%|%(?:tag_|mailing_list_)?unsubscribe_url%"
    return re.sub(tag, lambda found: variables.get(found[1] or "", "ACTED"), words)


def postmark(words: str) -> str:
    """Postmark's placeholders as documented."""
    return re.sub(r"\{\{\{?\s*pm:unsubscribe(?:_url)?\s*\}?\}\}", LINK, words)
