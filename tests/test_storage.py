"""Places of whole files: what is written stands there whole, and of many who create a file one does."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from digest.errors import OutputError
from digest.tables import storage

if TYPE_CHECKING:
    from pathlib import Path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Under its name, in the place of what was there."""
    place = storage.opened(str(tmp_path / "new" / "folder"))

    assert (place.read("a/b.txt"), place.exists("a/b.txt"), place.names("a")) == (None, False, [])
    place.write("a/b.txt", b"one")
    place.write("a/b.txt", b"two")
    place.write("a/deeper/c.txt", b"")
    (tmp_path / "new/folder/a/.b.txt.new").touch()
    assert (place.read("a/b.txt"), place.exists("a/b.txt"), place.names("a")) == (b"two", True, ["b.txt"])


def test_of_many_who_create_a_file_one_does(tmp_path: Path) -> None:
    """And its content stays."""
    place = storage.opened(str(tmp_path))
    with ThreadPoolExecutor(8) as threads:
        for number in range(40):
            name = f"claims/{number}"
            won = list(threads.map(lambda who, name=name: place.create(name, b"%d" % who), range(8)))
            assert won.count(True) == 1
            assert place.read(name) == b"%d" % won.index(True)
    assert place.create("claims/0", b"late") is False


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_takes_nothing_is_told(tmp_path: Path) -> None:
    """By the name of the file."""
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError) as error:
        storage.opened(str(tmp_path)).create("a", b"")
    assert (
        str(error.value) == f"{tmp_path}/a: cannot be written (Permission denied); make room or choose another folder"
    )


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    """Where a folder would have to be."""
    (tmp_path / "claims").touch()
    with pytest.raises(OutputError) as error:
        storage.opened(str(tmp_path)).create("claims/1", b"")
    assert str(error.value) == f"{tmp_path}/claims: is no folder; move it away; nothing was changed"
    assert storage.opened(str(tmp_path)).exists("claims")
