"""User preferences from a file, for the simulation and for the oracle."""

from conformance.reference.preferences.document import load
from conformance.reference.preferences.profiles import Preferences
from conformance.reference.preferences.reader import PreferencesError
from conformance.suite.errors import ConformanceError


def read_preferences(path: str) -> Preferences:
    """The preferences in an XML file; ConformanceError with the place where it holds none."""
    try:
        return load(path)
    except PreferencesError as error:
        cause = error.__cause__
        if isinstance(cause, OSError):
            reason = cause.strerror or str(cause)
            raise ConformanceError(f"it cannot be read: {reason}", path) from None
        raise ConformanceError(str(error)) from None
