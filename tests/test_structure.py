"""The promises about the code itself: which way imports go, and what loads at start."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from samples import SEEDS

import digest

ROOT = Path(digest.__file__).parent
LAYERS = {
    "errors": 0, "model": 0, "text": 0, "files": 0, "folders": 0, "cache": 0, "weight": 0, "steps": 0, "tables": 0,
    "config": 1,
    "records": 2,
    "archive": 3, "selection": 3, "theme": 3, "rendering": 3, "importing": 3,
    "issue": 4, "diagnosis": 4,
    "mail": 5, "site": 5, "checks": 5,
    "pipeline": 6, "sending": 6,
    "analysis": 7, "editions": 7, "render_process": 7,
    "preview": 8,
    "cli": 9,
    "__main__": 10,
}  # fmt: skip
"""As drawn in digest/__init__.py. Within layer 0 a module may import another; above it none knows its neighbours."""


def _imports(file: Path) -> set[str]:
    """Return the modules of digest that *file* imports, anywhere in it, for types too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in found if name.split(".")[0] == "digest"}


def upward(root: Path) -> list[str]:
    """Return every import below *root* that does not go down."""
    wrong = []
    for file in sorted(root.rglob("*.py")):
        unit = file.relative_to(root).parts[0].removesuffix(".py")
        if unit == "__init__":
            continue
        for name in sorted(_imports(file)):
            other = name.split(".")[1]
            if other != unit and not (LAYERS[other] < LAYERS[unit] or LAYERS[other] == LAYERS[unit] == 0):
                wrong.append(f"{file.relative_to(root)} imports {name}")
    return wrong


def test_imports_go_down_only() -> None:
    """No module imports one of its own layer or above."""
    assert upward(ROOT) == []


def test_an_upward_import_is_noticed(tmp_path: Path) -> None:
    """The test above fails for a planted upward import, also one that is only there for types or inside a function."""
    (tmp_path / "selection").mkdir()
    planted = "def f() -> None:\n    from digest.archive import walk\n"
    (tmp_path / "selection" / "slots.py").write_text(planted, encoding="utf-8")
    (tmp_path / "model.py").write_text("import digest.cli\n", encoding="utf-8")

    assert upward(tmp_path) == [
        "model.py imports digest.cli",
        "selection/slots.py imports digest.archive.walk",
    ]


def test_modules_of_layer_0_do_not_import_in_a_circle() -> None:
    """Errors, weight, model and language tags need nothing else of digest."""
    assert {unit: _imports(ROOT / f"{unit}.py") for unit in ("errors", "weight", "model", "text/languages")} == {
        "errors": set(),
        "weight": set(),
        "model": set(),
        "text/languages": set(),
    }


def test_every_module_says_what_it_is() -> None:
    """Each module opens with a docstring."""
    silent = [file for file in ROOT.rglob("*.py") if not ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))]

    assert silent == []


def test_every_module_has_its_layer() -> None:
    """The drawing in digest/__init__.py names every module there is."""
    units = {path.stem for path in [*ROOT.glob("*.py"), *ROOT.glob("*/")] if not path.name.startswith("__")}
    units -= {path.name for path in ROOT.glob("*/") if not (path / "__init__.py").exists()}  # data, no modules

    assert units == set(LAYERS) - {"__main__"}
    assert [unit for unit in units if unit not in (digest.__doc__ or "")] == []


PREVIEWING = ["starlette", "uvicorn", "watchfiles", "ruamel", "anyio", "asyncio"]


def test_help_imports_nothing_heavy() -> None:
    """`digest --help` loads click and no YAML, Jinja, e-mail or theme engine, and no server."""
    heavy = [
        "yaml",
        "babel",
        "wcwidth",
        "jinja2",
        "mjml",
        "premailer",
        "lxml",
        "cssutils",
        "coloraide",
        "email",
        "tinyhtml5",
        "tinycss2",
        "digest.config.settings",
        *PREVIEWING,
    ]
    code = f"import sys, digest.cli; print([name for name in {heavy} if name in sys.modules])"

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed == "[]\n"


def test_no_target_knows_another() -> None:
    """Each mail service is a module of its own: it imports the seam and no other service."""
    targets = ROOT / "mail" / "targets"
    names = {file.stem for file in targets.glob("*.py")} - {"__init__"}
    known = {
        f"{file.stem}: {name}"
        for file in (ROOT / "mail").rglob("*.py")
        for name in _imports(file)
        if name.startswith("digest.mail.targets")
    }

    assert names >= {"smtp", "ses", "listmonk", "buttondown", "resend", "sendgrid", "mailchimp", "brevo", "mailgun"}
    assert known == set()


def test_a_build_loads_no_server(tmp_path: Path) -> None:
    """`digest build` loads nothing that only the preview needs."""
    command = ["build", "--date", "2020-11-11", "--archive", SEEDS, "--out", str(tmp_path)]
    code = (
        "import sys, digest.cli\n"
        f"digest.cli.main({command}, standalone_mode=False)\n"
        f"print([name for name in {PREVIEWING} if name in sys.modules])"
    )

    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert printed.splitlines()[-1] == "[]"


def births(root: Path) -> list[str]:
    """Return every place outside `text.sanitize` that makes a Text or an Address, or says of a value that it is one."""
    found = []
    for file in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (_name(node.func) in MADE or _casts(node)):
                found.append(f"{file.relative_to(root)}:{node.lineno}")  # noqa: PERF401 - a comprehension hides the two loops
    return [place for place in found if not place.startswith("text/sanitize.py")]


MADE = {"Text", "Address"}


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _casts(node: ast.Call) -> bool:
    return _name(node.func) == "cast" and any(word in ast.unparse(node.args[0]) for word in MADE)


def test_texts_and_addresses_are_born_in_one_place(tmp_path: Path) -> None:
    """Only `text.sanitize` makes them, so whoever has one has a safe one; a planted birth elsewhere is noticed."""
    (tmp_path / "news.py").write_text('a = model.Text("<b>")\nb = cast("Address", "javascript:")\n', encoding="utf-8")

    assert births(ROOT) == []
    assert births(tmp_path) == ["news.py:1", "news.py:2"]


VAGUE = {"found", "one", "words", "what", "here", "known", "there", "some", "told", "its"}
"""Names that say nothing about the value they hold."""


def vague(root: Path) -> tuple[list[str], int]:
    """Return the functions below *root* that call a parameter or a variable by a vague name, and how many there are."""
    places, count = [], 0
    for file in sorted(root.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            count += 1
            bound = {argument.arg for argument in ast.walk(node) if isinstance(argument, ast.arg)}
            bound |= {
                name.id for name in ast.walk(node) if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store)
            }
            if bound & VAGUE:
                places.append(f"{file.relative_to(root)} {node.name}: {', '.join(sorted(bound & VAGUE))}")
    return places, count


def test_variables_say_what_they_hold() -> None:
    """At most three functions of a hundred have a vague local; one that is planted is noticed."""
    places, count = vague(ROOT)

    assert len(places) <= 0.03 * count, places


def test_a_vague_variable_is_noticed(tmp_path: Path) -> None:
    """A parameter, a variable and the target of a comprehension count alike."""
    planted = "def f(found: int) -> None: ...\ndef g() -> None:\n    print([one for one in ()])\ndef h() -> None: ...\n"
    (tmp_path / "news.py").write_text(planted, encoding="utf-8")

    assert vague(tmp_path) == (["news.py f: found", "news.py g: one"], 3)


def class_names(root: Path) -> Counter[str]:
    """Return how often each class name is defined below *root*."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in root.rglob("*.py")]
    return Counter(node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef))


def test_a_class_name_means_one_thing(tmp_path: Path) -> None:
    """No two classes are called alike; two that are planted are noticed."""
    (tmp_path / "news.py").write_text("class Story: ...\nclass Page:\n    class Story: ...\n", encoding="utf-8")

    assert [name for name, count in class_names(ROOT).items() if count > 1] == []
    assert class_names(tmp_path)["Story"] == 2


def test_decisions_are_linked_from_the_rooms_that_live_by_them() -> None:
    """Each page of docs/decisions is named by a module, and each page that a module names is there."""
    pages = {file.stem for file in (ROOT.parent / "docs" / "decisions").glob("*.md")}
    named = {
        name
        for file in ROOT.rglob("*.py")
        for name in re.findall(r"docs/decisions/(\w+)\.md", file.read_text(encoding="utf-8"))
    }

    assert named == pages
    assert len(pages) > 5


def test_contributing_names_every_room() -> None:
    """The table of the house has every room of the layers, and what it names in code exists."""
    page = (ROOT.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \d \| (.*?) \|", page, re.MULTILINE)
    rooms = set(re.findall(r"`(\w+)/?`", " ".join(rows)))
    rooms_above = "|".join(LAYERS)
    paths = re.findall(rf"`((?:{rooms_above})/[a-z_/]+?)(?:\.py|/|\.[A-Z_a-z]\w*(?:\.\w+)?)?`", page)
    lost = [path for path in paths if not ((ROOT / f"{path}.py").exists() or (ROOT / path).is_dir())]

    assert rooms == set(LAYERS) - {"__main__"}
    assert len(paths) > 30
    assert lost == []
