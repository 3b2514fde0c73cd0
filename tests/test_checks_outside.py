"""`digest check` against judges that know nothing of it: what axe-core and the Nu checker find, it finds."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import faults
import golden
import pytest

from digest import checks
from digest.checks import clients, report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from playwright.sync_api import Browser

HOME = Path(os.environ.get("QUALITY_HOME") or Path.home() / ".cache" / "digest-quality")
PACKAGES = ("axe-core", "vnu-jar", "caniemail")
"""The caniemail of the facts in digest/checks/caniemail.json."""

PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630"><rect width="100%" height="100%"/></svg>'
RULES = """{ rules: { region: { enabled: false }, 'landmark-one-main': { enabled: false },
  'color-contrast-enhanced': { enabled: true }, 'target-size': { enabled: true },
  'identical-links-same-purpose': { enabled: true } } }"""
DOUBTS = ("identical-links-same-purpose", "aria-valid-attr-value")
"""What axe never calls more than a doubt."""

SAME = {
    "aria-hidden-focus": {"aria"},
    "aria-roles": {"aria"},
    "aria-valid-attr-value": {"aria"},
    "color-contrast": {"contrast"},
    "color-contrast-enhanced": {"contrast"},
    "document-title": {"title"},
    "empty-heading": {"heading-empty"},
    "frame-title": {"active-content"},
    "heading-order": {"heading-order"},
    "html-has-lang": {"lang"},
    "identical-links-same-purpose": {"link-same-name"},
    "image-alt": {"image-alt"},
    "link-in-text-block": {"link-in-text"},
    "link-name": {"link-name"},
    "list": {"list"},
    "meta-viewport": {"viewport"},
    "page-has-heading-one": {"heading-one"},
    "tabindex": {"tab-order"},
}
"""The rule of ours that must name what a rule of axe finds."""

NU_RULES = {
    "aria", "css-parse", "css-property", "doctype", "duplicate-id", "heading-order", "html-attribute", "html-nesting",
    "html-obsolete", "html-parse", "image-alt", "image-width", "link-address", "list", "placeholder", "title",
}  # fmt: skip
"""Our rules that name what the Nu checker calls an error."""


def _missing(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}; CI installs it in .ci/run")
    pytest.skip(what)


@pytest.fixture(scope="module")
def tools() -> Path:
    """The folder of the npm packages."""
    missing = [name for name in PACKAGES if not (HOME / "node_modules" / name).is_dir()]
    if missing:
        _missing(f"no {', '.join(missing)} in {HOME}")
    return HOME / "node_modules"


@pytest.fixture(scope="module")
def axe(tools: Path, browser: Browser) -> Callable[[str, Literal["light", "dark"]], set[str]]:
    """Return what axe-core finds in a page, in a phone's width."""
    source = (tools / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

    def found(html: str, scheme: Literal["light", "dark"]) -> set[str]:
        context = browser.new_context(viewport={"width": 375, "height": 900}, color_scheme=scheme, bypass_csp=True)
        tab = context.new_page()
        tab.route("**/*", lambda route: route.fulfill(content_type="image/svg+xml", body=PICTURE))
        tab.set_content(html)
        tab.evaluate(source)
        result: dict[str, Any] = tab.evaluate(f"axe.run(document, {RULES})")
        context.close()
        doubts = {one["id"] for one in result["incomplete"] if one["id"] in DOUBTS}
        return {one["id"] for one in result["violations"]} | doubts

    return found


def nu(tools: Path, folder: Path, pages: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the errors that the Nu checker finds in *pages*, by name."""
    if not shutil.which("java"):
        _missing("the Nu checker needs java")
    for name, html in pages.items():
        (folder / f"{name}.html").write_bytes(html.encode())
    jar = str(tools / "vnu-jar" / "build" / "dist" / "vnu.jar")
    less = ["--errors-only", "--format", "gnu", "--filterpattern", ".*(mso-[a-z-]+|xmlns:[vo]).*"]
    done = subprocess.run(
        ["java", "-jar", jar, *less, *(str(folder / f"{name}.html") for name in pages)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found: dict[str, list[str]] = {name: [] for name in pages}
    for line in done.stderr.splitlines():
        parts = re.fullmatch(r'"?file:.*/([^/]+)\.html"?:([\d.-]+): (.*)', line)
        assert parts, line
        found[parts[1]].append(parts[3])
    return found


def _exhibits() -> dict[str, tuple[faults.Fault, str]]:
    """The broken issues whose page is broken."""
    sound = faults.sound()["index.html"]
    found = {}
    for place, fault in enumerate(faults.FAULTS):
        html = fault.files().get("index.html", sound)
        if html != sound and fault.rule != "file-encoding":
            found[f"{place:03}"] = (fault, html.decode())
    return found


def test_what_axe_finds_in_the_museum_check_names(axe: Callable[..., set[str]]) -> None:
    """Each violation that axe-core sees in a broken issue is the fault that `digest check` names there."""
    assert axe(faults.sound()["index.html"].decode(), "light") == set()
    ours = set().union(*SAME.values())
    seen: dict[str, set[str]] = {}
    for fault, html in _exhibits().values():
        if fault.rule in ours:
            for rule in axe(html, "light") | (axe(html, "dark") if fault.rule == "contrast" else set()):
                seen.setdefault(rule, set()).add(fault.rule)

    assert {rule: names for rule, names in seen.items() if not names <= SAME.get(rule, set())} == {}
    assert set(SAME) - set(seen) <= {"color-contrast-enhanced"}


def test_what_nu_finds_in_the_museum_check_names(tools: Path, tmp_path: Path) -> None:
    """Each page with an error by the Nu checker is named by a rule about such errors."""
    exhibits = _exhibits()
    found = nu(tools, tmp_path, {name: html for name, (_, html) in exhibits.items()})
    rules = {exhibits[name][0].rule for name, errors in found.items() if errors}

    assert rules == NU_RULES


def _mutations(count: int, seed: int) -> Iterator[tuple[str, str]]:
    """Pages that differ from the golden issue in one random place, with what was done."""
    dice = random.Random(seed)
    base = faults.sound()["index.html"].decode()
    tags = list(re.finditer(r"<[a-z][a-z0-9]*(?:\s[^<>]*)?>", base))
    ends = list(re.finditer(r"</[a-z0-9]+>", base))
    while count:
        tag, end = dice.choice(tags), dice.choice(ends)
        other = {
            "end": "",
            "tag": re.sub(r"^<[a-z0-9]+", f"<{dice.choice(['p', 'li', 'h5', 'td', 'font', 'button', 'ul'])}", tag[0]),
            "colour": re.sub(r"#[0-9a-f]{6}", f"#{dice.randrange(1 << 24):06x}", tag[0], count=1),
            "style": re.sub(r"[a-z-]+:[^;\"']+", dice.choice(["", "width:12", "color:banana"]), tag[0], count=1),
            "start": "",
            "twice": tag[0] * 2,
        }
        if attributes := list(re.finditer(r"\s[a-zA-Z:-]+=(\"[^\"]*\"|'[^']*')", tag[0])):
            one, value = dice.choice(attributes), dice.choice(['""', '"0"', '"a b"', '"#"'])
            other["attribute"] = tag[0][: one.start()] + tag[0][one.end() :]
            other["value"] = tag[0][: one.start(1)] + value + tag[0][one.end(1) :]
        how = dice.choice(sorted(other))
        at = end if how == "end" else tag
        page = base[: at.start()] + other[how] + base[at.end() :]
        if page != base:
            count -= 1
            yield f"{how}: {at[0][:60]} to {other[how][:60]}", page


def test_whatever_breaks_a_page_for_the_judges_check_sees(
    tools: Path, axe: Callable[..., set[str]], tmp_path: Path
) -> None:
    """In pages broken at random, what the Nu checker or axe-core complains of is never sound for `digest check`."""
    pages = {f"{place:03}": made for place, made in enumerate(_mutations(40, seed=4))}
    errors = nu(tools, tmp_path, {name: html for name, (_, html) in pages.items()})
    missed, complaints = [], 0
    for name, (how, html) in pages.items():
        theirs = {*errors[name], *axe(html, "light")}
        complaints += bool(theirs)
        parts = faults._parts()
        parts.html = html
        if theirs and all(one.severity == "note" for one in checks.check(faults.files(parts))):
            missed.append((how, theirs))

    assert missed == []
    assert complaints > 10, "the judges must have had something to say"


def test_client_support_is_what_the_package_says(tools: Path, tmp_path: Path) -> None:
    """What caniemail's own program finds unsupported in the golden issue, and where, is found by ours."""
    if not shutil.which("node"):
        _missing("caniemail's program needs node")
    folder = golden.HERE / "sample"
    package = json.dumps((tools / "caniemail" / "dist" / "index.js").as_uri())
    families = json.dumps([f"{family}.*" for family in clients.MAJOR])
    (tmp_path / "run.mjs").write_text(
        f"import fs from 'node:fs'; const {{ caniemail }} = await import({package});"
        f"const html = fs.readFileSync({json.dumps(str(folder / 'index.html'))}, 'utf8'); const found = {{}};"
        f"const {{ issues }} = caniemail({{ clients: {families}, html }});"
        "for (const [client, list] of issues.errors) for (const one of list) (found[one.title] ??= []).push(client);"
        "console.log(JSON.stringify(found));",
        encoding="utf-8",
    )
    done = subprocess.run(["node", str(tmp_path / "run.mjs")], capture_output=True, text=True, check=True)
    theirs = {title: set(names) for title, names in json.loads(done.stdout).items()}
    known, opened = clients.support(), checks.inputs.opened(checks.load(str(folder)))
    ours = {known.titles[one]: set(known.clients_without(one)) for one in clients.features(opened)}
    # It takes text-transform for transform, and a decimal fraction for two classes in a row.
    wrong = {"transform", "Chaining selectors"}

    assert len(theirs) > 15
    assert {title for title in theirs if title not in wrong and theirs[title] != ours.get(title)} == set()


def test_the_report_is_a_sound_page(tools: Path, axe: Callable[..., set[str]], tmp_path: Path) -> None:
    """The page that `--html` writes has no violation for axe-core and no error for the Nu checker."""
    files = next(fault for fault in faults.FAULTS if fault.rule == "client-support").files()
    page = report.page("out/2020-11-22", checks.check(files), checks.verdicts(files))

    assert axe(page, "light") | axe(page, "dark") == set()
    assert nu(tools, tmp_path, {"report": page}) == {"report": []}
