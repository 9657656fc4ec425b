"""The folder of the user for what can be made anew."""

import os
from pathlib import Path


def cache_folder() -> Path | None:
    """Where the user keeps what can be made anew (XDG Base Directory); None if nothing can be."""
    root = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = Path(root) / "cpmspec"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None
