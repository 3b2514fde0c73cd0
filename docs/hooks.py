"""Brings templates/README.md, which stands with the templates, into the site as a page of the reference."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

CONTRACT = Path(__file__).parent.parent / "templates" / "README.md"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the page. MkDocs calls this."""
    files.append(File.generated(config, "template-contract.md", content=CONTRACT.read_text("utf-8")))
    return files
