"""Messages in disguise: SIP, MSRP and their bodies, octet for octet as long as they were."""

import re
from binascii import b2a_base64
from collections.abc import Callable

from conformance.body import mime, sms
from conformance.body.mime import media_type, parse_content_type
from conformance.body.tpdu import Deliver, StatusReport, Submit
from conformance.body.tpdu import parse as parse_tpdu
from conformance.body.tpdu import write as write_tpdu
from conformance.suite.disguise import Disguise, blotted
from conformance.suite.disguised_sms import disguised_sms
from conformance.wire.limits import MAX_NESTING
from conformance.wire.malformed import Malformed
