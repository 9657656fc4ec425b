"""Malformed examples by the sentence that explains them.

The parser's state at the user's mistake is compared with its state at each of these examples;
the place of a mistake, not its wording, is what must agree. The first that fits is said.
"""

_HEAD = 'flow x "X"\n  '
_STEP = _HEAD + "2-3. A sends INVITE to B via C.\n    "

MISTAKES: dict[str, list[str]] = {
    'a flow file begins with: flow ID "Title"': ["\n", "x", "1. A sends", '"x"'],
    "the flow's id comes here: small letters, digits and hyphens": ["flow 1", 'flow "X"'],
    "the flow's title in quotes comes here": ["flow x\n", "flow x y"],
    "the lines after the flow's title are indented": ['flow x "X"\nsource', 'flow x "X"\n'],
    "source: the document's name in quotes is missing": [
        _HEAD + "source clause",
        _HEAD + "source\n",
    ],
    'source: clause "…" is missing after the document\'s name': [
        _HEAD + 'source "D"\n',
        _HEAD + 'source "D" "1"\n',
    ],
    "the roles are listed on indented lines below this word": [
        _HEAD + "roles client",
        _HEAD + "roles\n  1",
    ],
    "a role needs the document's name for it, in capitalised words": [
        _HEAD + "roles\n    client\n",
        _HEAD + "roles\n    client cpm\n",
    ],
    "identified by needs a step's label": [_HEAD + "identified by\n", _HEAD + "identified by ,"],
    "a sentence begins with a role, in capitalised words": [
        _HEAD + "1. sends",
        _HEAD + "1. \n",
        _HEAD + "1. 2",
    ],
    "a role does something: sends, answers, forwards, acknowledges, connects to, ends, becomes, "
    "defers, discards or does": [
        _HEAD + "1. A\n",
        _HEAD + "1. A the",
        _HEAD + "1. A.",
        _HEAD + "1. A via",
    ],
    "a method in capital letters comes here": [_HEAD + "1. A sends to B", _HEAD + "1. A sends\n"],
    "sends METHOD to ROLE: 'to' is missing": [
        _HEAD + "1. A sends INVITE.",
        _HEAD + "1. A sends INVITE via B",
        _HEAD + "1. A sends INVITE\n",
    ],
    "a role comes after 'to'": [_HEAD + "1. A sends INVITE to.", _HEAD + "1. A sends INVITE to 2"],
    "a role comes after 'via'": [
        _HEAD + "1. A sends INVITE to B via.",
        _HEAD + "1. A sends INVITE to B via c",
        _HEAD + "1. A sends INVITE to B via C, d",
    ],
    "a step's sentence ends with a full stop": [
        _HEAD + "1. A sends INVITE to B\n",
        _HEAD + "1. A sends INVITE to B via C\n",
        _HEAD + "1. A becomes available\n",
        _HEAD + "1. A answers 2 with OK\n",
        _HEAD + "1. A answers 2 with OK via C\n",
        _HEAD + "1. A forwards 2 to B\n",
        _HEAD + "1. A acknowledges 2\n",
        _HEAD + "1. A sends INVITE to B, after 7\n",
        _HEAD + "1. A ends the session of 2\n",
        _HEAD + "1. A sends MSRP SEND to B in the session of 2, once or more\n",
    ],
    "a step's label is followed by a full stop": [
        _HEAD + "1 A sends",
        _HEAD + "1\n",
        _HEAD + "2-3:",
    ],
    "the label of the step that is answered comes here": [
        _HEAD + "1. A answers OK",
    ],
    "an answer is given with OK, Accepted or a status code": [
        _HEAD + "1. A answers 2 with\n",
        _HEAD + "1. A answers 2 with ok",
        _HEAD + "1. A answers 2 with Maybe",
        _HEAD + "1. A answers 2.",
    ],
    "the label of a step comes here": [
        _HEAD + "1. A forwards to B",
        _HEAD + "1. A acknowledges.",
        _HEAD + "1. A ends the session of.",
        _STEP + "in the dialog of\n",
        _STEP + "in the session of\n",
        _STEP + "about the messages of\n",
        _STEP + "after\n",
        _STEP + "where Event is Event of\n",
    ],
    "a bound is a number: repeat 1..5": [
        _HEAD + "1. A sends INVITE to B, repeat x",
        _HEAD + "1. A sends INVITE to B, repeat 1.",
        _HEAD + "1. A sends INVITE to B, repeat 1..x",
        _STEP + "repeat\n",
    ],
    "once or more is written in full": [_HEAD + "1. A sends INVITE to B, once.", _STEP + "once\n"],
    "a time is written as 32 s or profile.NAME": [
        _STEP + "within\n",
        _STEP + "within of 2",
        _STEP + "within 32 of 2",
        _STEP + "no sooner than after",
    ],
    "a time counts from a step: within 32 s of 2-3": [_STEP + "within 32 s\n"],
    "a field's name comes here": [
        _STEP + "where\n",
        _STEP + "where Event is x and\n",
        _STEP + "where Event is x or\n",
    ],
    "a field is tested with: present, absent, is, is not, is one of, at most, at least, among, "
    "equals, is empty": [
        _STEP + "where Event\n",
        _STEP + "where Event = x",
        _STEP + "where Event x",
    ],
    "a value comes here": [
        _STEP + "where Event is\n",
        _STEP + "where Event is not\n",
        _STEP + "where Event is one of\n",
        _STEP + "where Event at most\n",
        _STEP + "where Event equals\n",
        _STEP + "where Event among\n",
        _STEP + "where Event is one of x,\n",
    ],
    "a closing bracket is missing": [
        _STEP + "where (Event is x\n",
        _STEP + "where (Event present\n",
    ],
    "a requirement needs its id in brackets": [
        _STEP + "shall Event present\n",
        _STEP + "shall Event is x\n",
        _STEP + 'shall Event present clause "1"',
        _STEP + "shall deliver at least one message\n",
        _STEP + "shall connect only after ACK\n",
        _STEP + "shall not deliver again what was delivered\n",
    ],
    "what is required comes here: a condition or one of the language's rules": [
        _STEP + "shall\n",
        _STEP + "shall [X]",
        _STEP + "should\n",
    ],
    "a clause's number in quotes comes here": [_STEP + "shall Event present [X] clause\n"],
    "the sentence of the document, in quotes, is missing": [
        _STEP + 'shall Event present [X] clause "1"\n',
        _STEP + 'shall Event present [X] rfc 3261 "8.1"\n',
    ],
    "a witness is written as: witness METHOD answered 200 from ROLE": [
        _STEP + "witness\n",
        _STEP + "witness REGISTER\n",
        _STEP + "witness REGISTER answered\n",
        _STEP + "witness REGISTER answered 200\n",
    ],
    "a colon ends this line, and the block below is indented": [
        _HEAD + "meanwhile\n",
        _HEAD + "either\n",
        _HEAD + "optionally\n",
        _HEAD + 'optionally if "p"\n',
        _HEAD + "in any order\n",
        _HEAD + "for each message of 2\n",
        _HEAD + "if Event is x\n",
        _HEAD + "if Event of 2 is x\n",
        _HEAD + "if Event present\n",
    ],
    "the block below this line must be indented": [
        _HEAD + "meanwhile:\n  1.",
        _HEAD + "either:\n  1.",
        _HEAD + "optionally:\n  1.",
    ],
    "a step or a block is expected here": [
        _HEAD + "meanwhile:\n    where",
        _HEAD + "optionally:\n    shall",
        _HEAD + "either:\n    roles",
    ],
    "'meanwhile' needs an 'and:' block beside it": [
        _HEAD + "meanwhile:\n    1. A becomes available.\n  2."
    ],
    "'either' needs an 'or:' block beside it": [
        _HEAD + "either:\n    1. A becomes available.\n  2."
    ],
    "a channel is written as: A channel is set up between A and B in the session of N; A sends "
    "MSRP SEND to B, once or more; the channel is disconnected by A": [
        _HEAD + "6. A channel is set up.",
        _HEAD + "6. A channel is set up between A in",
        _HEAD + "6. A channel is set up between A and B.",
        _HEAD + "6. A channel is set up between A and B in the session of 2.",
        _HEAD
        + "6. A channel is set up between A and B in the session of 2; A sends MSRP SEND to B.",
    ],
    "never is written as: never ROLE sends METHOD to ROLE": [
        _HEAD + "never\n",
        _HEAD + "never A\n",
        _HEAD + "never A answers",
    ],
    "a never needs [ID] or 'breaks STEP' at its end": [
        _HEAD + "never A sends INVITE to B\n",
        _HEAD + "never A sends INVITE to B before 2\n",
        _HEAD + "never A sends INVITE to B answered OK\n",
        _HEAD + "never A sends INVITE to B where Event is x\n",
    ],
    "this line cannot stand below a step": [_STEP + "roles\n", _STEP + "1. A", _STEP + "source"],
}
