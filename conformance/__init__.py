"""cpmspec: conformance test suite and flow verifier for OMA CPM."""

__version__ = "0.1.0"
