"""Puts the compiled default themes into a wheel, so that the first build after an installation is as fast as the next.

An editable installation has none of it: there the first build compiles, and the user's cache keeps it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledThemes(BuildHookInterface):  # type: ignore[type-arg] # hatchling's own parameter says nothing here
    """Compiles each theme of `templates/` with the settings of somebody who has none."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and name the files that belong into the wheel."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from digest import theme  # noqa: PLC0415 - it stands in the folder that is built

        self.working = tempfile.TemporaryDirectory()
        themes = os.path.join(self.root, "templates")
        for name in sorted(os.listdir(themes)):
            if os.path.isfile(os.path.join(themes, name, "issue.mjml")):
                path = theme.ship(os.path.join(themes, name), self.working.name)
                build_data["force_include"][path] = f"digest/theme/shipped/{os.path.basename(path)}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was compiled."""
        del version, build_data, artifact_path
        if hasattr(self, "working"):
            self.working.cleanup()
