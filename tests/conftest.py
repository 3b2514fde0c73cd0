"""What all tests share: how hard hypothesis tries, and a way to write folders."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, max_examples=300, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Mapping[str, str | bytes]], str]:
    """Write files, named by their path below a folder of the test's own; return that folder."""

    def write(files: Mapping[str, str | bytes]) -> str:
        for path, content in files.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(tmp_path)

    return write
