"""What the published schemas of SARIF 2.1.0 (errata 01) and CTRF 0.0 say of what we write.

Facts only, and only of the objects and names that our reports use: an object may hold no other
names, must hold some, and sets hold nothing twice. Dates are RFC 3339, places relative or
absolute references (RFC 3986).
"""

from jsonschema import Draft202012Validator

Schema = dict[str, object]

TEXT: Schema = {"type": "string"}
COUNT: Schema = {"type": "integer", "minimum": 0}
DATE: Schema = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
}
ANY: Schema = {"type": "object"}


def thing(required: str, **members: Schema) -> Schema:
    """An object that may hold these members and no others; `required` names some of them."""
    return {
        "type": "object",
        "properties": members,
        "required": required.split(),
        "additionalProperties": False,
    }


def each(kind: Schema, *, distinct: bool = False) -> Schema:
    """A list."""
    return {"type": "array", "items": kind, "uniqueItems": distinct}


def one_of(words: str) -> Schema:
    """One of some words."""
    return {"enum": words.split()}


# ------------------------------------------------------------------------------------ SARIF 2.1.0

BAG: Schema = {"type": "object", "properties": {"tags": each(TEXT, distinct=True)}}
MESSAGE = thing("text", text=TEXT)
LEVEL = one_of("none note warning error")
URI: Schema = {"type": "string", "pattern": r"^[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+$"}
PHYSICAL = thing(
    "artifactLocation",
    artifactLocation=thing("", uri=URI),
    region=thing("startLine", startLine={"type": "integer", "minimum": 1}),
)
LOCATION = thing("", id=COUNT, physicalLocation=PHYSICAL, message=MESSAGE)
RULE = thing(
    "id",
    id=TEXT,
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=MESSAGE,
    defaultConfiguration=thing("", level=LEVEL),
    properties=BAG,
)
RESULT = thing(
    "message",
    ruleId=TEXT,
    ruleIndex=COUNT,
    kind=one_of("notApplicable pass fail review open informational"),
    level=LEVEL,
    message=MESSAGE,
    locations=each(LOCATION),
    relatedLocations=each(LOCATION, distinct=True),
    partialFingerprints={"type": "object", "additionalProperties": TEXT},
    suppressions=each(
        thing("kind", kind=one_of("inSource external"), justification=TEXT), distinct=True
    ),
    properties=BAG,
)
RUN = thing(
    "tool",
    tool=thing(
        "driver",
        driver=thing("name", name=TEXT, version=TEXT, rules=each(RULE, distinct=True)),
    ),
    automationDetails=thing("", id=TEXT),
    columnKind=one_of("utf16CodeUnits unicodeCodePoints"),
    invocations=each(
        thing(
            "executionSuccessful",
            executionSuccessful={"type": "boolean"},
            endTimeUtc=DATE,
            toolExecutionNotifications=each(thing("message", message=MESSAGE, level=LEVEL)),
        )
    ),
    artifacts=each(
        thing(
            "",
            location=thing("", uri=URI),
            length={"type": "integer", "minimum": -1},
            hashes={"type": "object", "additionalProperties": TEXT},
        ),
        distinct=True,
    ),
    results=each(RESULT),
    properties=BAG,
)
SARIF = Draft202012Validator(
    thing("version runs", **{"$schema": TEXT}, version=one_of("2.1.0"), runs=each(RUN))
)

# --------------------------------------------------------------------------------------- CTRF 0.0

STATUSES = "passed failed skipped pending other"
TEST = thing(
    "name status duration",
    id={
        "type": "string",
        "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
    },
    name={"type": "string", "minLength": 1},
    status=one_of(STATUSES),
    duration=COUNT,
    start=COUNT,
    stop=COUNT,
    suite={"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1},
    message=TEXT,
    trace=TEXT,
    filePath=TEXT,
    line=COUNT,
    rawStatus=TEXT,
    tags=each(TEXT),
)
SUMMARY = thing(
    f"tests {STATUSES} start stop",
    tests=COUNT,
    **dict.fromkeys(STATUSES.split(), COUNT),
    start=COUNT,
    stop=COUNT,
    extra=ANY,
)
CTRF = Draft202012Validator(
    thing(
        "reportFormat specVersion results",
        reportFormat=one_of("CTRF"),
        specVersion={"type": "string", "pattern": r"^0\.0\.\d+$"},
        timestamp=DATE,
        generatedBy=TEXT,
        results=thing(
            "tool summary tests",
            tool=thing("name", name=TEXT, version=TEXT),
            summary=SUMMARY,
            tests=each(TEST),
            environment=thing("", extra=ANY),
        ),
    )
)
