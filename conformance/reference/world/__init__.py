"""The default world: every party of the flows, put together by setting; its steps labelled."""
