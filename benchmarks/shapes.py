"""What an archive of another shape costs beside one of ours: processor time of `digest build`, cold and warm, in pairs.

    python benchmarks/shapes.py [--articles 100000] [--runs 5] [--shape NAME ...]

A shape is how the posts of a generator look: without figures, dated in their names, in TOML, as metadata. Every archive
has the same days and about the same bytes a file. Cold is without the index of proven dates, warm with it. Prints a row
a shape: the median ratio to ours, the smallest and the largest. A shape is beside its goal at more than 1.3.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DIGEST = str(Path(sys.executable).with_name("digest"))
GOAL = 1.3
LAST = date(2021, 3, 1)
DAYS = 5 * 365
BODY = 1_200
TELLING = (
    "a council of bees lends its tram to the library and asks for nothing but honey while engineers of the harbour "
    "measure how long a robot needs to fold the towels that nobody has counted since the flood"
)
WORDS = TELLING.split()


class Post:
    """The words and the moment of one article, which every shape writes in its own way."""

    def __init__(self, number: int) -> None:
        chance = random.Random(number)
        self.number = number
        self.title = " ".join(chance.choices(WORDS, k=9)).capitalize()
        self.excerpt = " ".join(chance.choices(WORDS, k=40))
        self.body = " ".join(chance.choices(WORDS, k=BODY // 5))
        self.link = f"https://news.example.com/{number}"
        self.tags = chance.sample(("AI", "Harbours", "Bees", "Libraries", "Robots", "Trams"), 2)
        self.heat = chance.randint(1, 120)
        day = LAST - timedelta(days=number % DAYS)
        self.at = datetime(day.year, day.month, day.day, number % 24, number % 60, number % 59)  # noqa: DTZ001 - each shape writes its own zone


def ours(post: Post) -> str:
    """An article of the archive's own format, with other coverage, about as long as real ones."""
    related = "\n".join(f'  - title: "{post.title} {n}"\n    webUrl: "{post.link}/{n}"' for n in range(8))
    tags = "\n".join(f"- {tag}" for tag in post.tags)
    return (
        f'---\ntitle: "{post.title}"\nexcerpt: "{post.excerpt}"\npublishedDateTime: {post.at:%Y-%m-%dT%H:%M:%SZ}\n'
        f'webUrl: "{post.link}"\nheat: {post.heat}\npublished: true\ntopics:\n{tags}\nrelated:\n{related}\n---\n'
    )


def jekyll(post: Post) -> str:
    """A post of Jekyll: a date with an offset, no figure."""
    return (
        f'---\nlayout: post\ntitle: "{post.title}"\ndate: {post.at:%Y-%m-%d %H:%M:%S} -0500\nlink: {post.link}\n'
        f"tags: [{', '.join(post.tags)}]\npublished: true\n---\n\n{post.body}\n"
    )


def undated(post: Post) -> str:
    """A post of Jekyll whose file's name alone tells its day."""
    return f'---\nlayout: post\ntitle: "{post.title}"\nlink: {post.link}\ntags: {post.tags[0]}\n---\n\n{post.body}\n'


def hugo(post: Post) -> str:
    """A post of Hugo in YAML: a day alone, an embargo, an end."""
    return (
        f"---\ntitle: '{post.title}'\ndate: {post.at:%Y-%m-%d}\npublishDate: {post.at:%Y-%m-%d}\ndraft: false\n"
        f"expirydate: 2031-01-01\nlink: {post.link}\ntags:\n  - {post.tags[0]}\n  - {post.tags[1]}\n---\n\n"
        f"{post.body}\n"
    )


def toml(post: Post) -> str:
    """A post of Hugo or Zola in TOML."""
    return (
        f'+++\ntitle = "{post.title}"\ndate = {post.at:%Y-%m-%dT%H:%M:%SZ}\nlink = "{post.link}"\n'
        f'tags = ["{post.tags[0]}", "{post.tags[1]}"]\n[extra]\nlayout = "post"\n+++\n\n{post.body}\n'
    )


def pelican(post: Post) -> str:
    """A post of Pelican: metadata without fences."""
    tags = ", ".join(post.tags)
    return f"Title: {post.title}\nDate: {post.at:%Y-%m-%d %H:%M}\nLink: {post.link}\nTags: {tags}\n\n{post.body}\n"


def astro(post: Post) -> str:
    """A post of Astro's starter: the day in words."""
    return (
        f"---\ntitle: '{post.title}'\ndescription: '{post.excerpt}'\npubDate: '{post.at:%b %d %Y}'\nlink: {post.link}\n"
        f"tags: [{', '.join(post.tags)}]\n---\n\n{post.body}\n"
    )


PLAIN, DATED = "{0.number}.md", "{0.at:%Y-%m-%d}-{0.number}.md"
SHAPES: dict[str, tuple[Callable[[Post], str], str]] = {
    "jekyll": (jekyll, PLAIN),
    "jekyll, day in the name, too": (jekyll, DATED),
    "jekyll, day in the name only": (undated, DATED),
    "days in folders": (undated, "{0.at:%Y/%m/%d}/{0.number}.md"),
    "hugo": (hugo, PLAIN),
    "toml": (toml, PLAIN),
    "pelican": (pelican, PLAIN),
    "astro": (astro, PLAIN),
}


def make(folder: Path, shape: Callable[[Post], str], name: str, count: int) -> None:
    """Write an archive of *count* articles and its settings into *folder*."""
    made: set[Path] = set()
    for number in range(count):
        post = Post(number)
        file = folder / "posts" / name.format(post)
        if file.parent not in made:
            file.parent.mkdir(parents=True, exist_ok=True)
            made.add(file.parent)
        file.write_text(shape(post), encoding="utf-8")
    order = "" if shape is ours else "select: {order: [latest]}\n"
    settings = f"newsletter: {{name: The Week, timezone: America/New_York}}\narchive: [posts]\n{order}"
    (folder / "digest.yaml").write_text(settings, encoding="utf-8")


def seconds(folder: Path) -> float:
    """Return the processor time of one build."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    command = [DIGEST, "build", "--date", "2021-02-28", "--quiet"]
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def cold(folder: Path) -> float:
    """Return the processor time of a build that has no index."""
    for index in (folder / "cache").rglob("archive-*"):
        index.unlink()
    return seconds(folder)


def main() -> int:
    """Print a row a shape; the status is 1 where one is beside its goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--shape", action="append", choices=SHAPES, help="only this one; may be given again")
    asked = parser.parse_args()
    status = 0
    with tempfile.TemporaryDirectory(prefix="shapes-") as name:
        standard = Path(name, "ours")
        make(standard, ours, PLAIN, asked.articles)
        seconds(standard)
        for shape in asked.shape or SHAPES:
            folder = Path(name, "other")
            make(folder, *SHAPES[shape], asked.articles)
            time.sleep(3)  # the index trusts no file that was written within two seconds
            seconds(folder)  # and the first build of a folder compiles the theme
            for kind, measure in (("cold", cold), ("warm", seconds)):
                pairs = [(measure(folder), measure(standard)) for _ in range(asked.runs)]
                ratios = [other / own for other, own in pairs]
                middle = statistics.median(ratios)
                status |= middle > GOAL
                verdict = "OVER" if middle > GOAL else "ok  "
                spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
                base = statistics.median(own for _, own in pairs)
                print(f"{verdict} {shape:<30} {kind} {middle:5.2f} x ours ({spread}; ours {base:.2f} s)", flush=True)
            shutil.rmtree(folder)
    return status


if __name__ == "__main__":
    sys.exit(main())
