# Copyright (c) 2026, the o11y.thanos contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one error of the testbed."""

from __future__ import annotations

import errno
import os
import pwd
from pathlib import Path

OTHER_FOLDERS = "O11Y_THANOS_CACHE and O11Y_THANOS_STATE name other folders"
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)


def tells_full_disk(output: str) -> bool:
    """Whether a program's output says that it found no room on a disk."""
    return "no space left on device" in output.lower()


def tell_file(error: OSError, advice: str = OTHER_FOLDERS) -> str:
    """What is wrong with the file that an error names, where its user can mend it; any other error goes on its way."""
    if error.errno == errno.ENOSPC:
        return f"the disk that holds {error.filename or 'the state folder'} is full; {advice}"
    if error.errno not in _FORBIDDEN or not isinstance(error.filename, (str, os.PathLike)):
        raise error
    path = Path(error.filename).absolute()
    # A file that is not there is not ours to make in a folder of somebody else.
    found, owner = next((place, uid) for place in (path, *path.parents) if (uid := _owner(place)) is not None)
    what = f"{os.strerror(error.errno).lower()}, and {found} belongs to user {_user(owner)}"
    return f"user {_user(os.geteuid())} may not use {path}: {what}; {advice}"


def _owner(path: Path) -> int | None:
    try:
        return path.lstat().st_uid
    except OSError:
        return None


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


class TestbedError(Exception):
    """The testbed cannot go on. ``str(e)`` is a sentence for the person who ran the command."""

    __test__ = False
