from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.cpm.role import Role
from conformance.observation.packet import Endpoint
from conformance.observation.topology import RoleRule, Topology
from conformance.suite.pseudonyms import KEPT, Pseudonyms
from tests.body.growth import assert_linear

KEY = bytes(range(32))
ONE = Pseudonyms(KEY)

words = st.from_regex(r"\A[A-Za-z0-9]{1,12}\Z")
any_words = st.text(st.sampled_from("aZ09éßΩáŁ日한😀\udc80"), min_size=1, max_size=6)
v4 = st.ip_addresses(v=4).map(str)
v6 = st.ip_addresses(v=6).map(str)


def test_a_key_gives_the_same_again_and_another_key_others():
    assert ONE.word("alice") == Pseudonyms(KEY).word("alice") != "alice"
    assert ONE.word("alice") != Pseudonyms(bytes(32)).word("alice")
    assert ONE.derived(b"a") != ONE.derived(b"b")


@given(any_words)
def test_a_word_keeps_its_shape(word):
    found = ONE.word(word)
    assert len(found) == len(word)
    assert len(found.encode("utf-8", "surrogateescape")) == len(
        word.encode("utf-8", "surrogateescape")
    )
    for old, new in zip(word, found, strict=True):
        if old.isascii():
            assert (old.isdigit(), old.isupper()) == (new.isdigit(), new.isupper())


@given(words, words)
def test_equal_words_only_have_equal_pseudonyms(one, other):
    assert (ONE.word(one) == ONE.word(other)) is (one == other)
    assert (ONE.word(one).lower() == ONE.word(other).lower()) is (one.lower() == other.lower())


def test_small_shapes_are_permuted():
    for alphabet in ("0123456789", "abcdefghijklmnopqrstuvwxyz", "äöüñàé"):
        found = {ONE.word(char) for char in alphabet}
        assert len(found) == len(alphabet)
    assert len({ONE.word(f"{n:03}") for n in range(1_000)}) == 1_000


@pytest.mark.parametrize("word", sorted(KEPT))
def test_what_an_address_is_stays(word):
    assert ONE.word(word.upper()) == word.upper()


def test_long_words_take_linear_time():
    assert_linear(ONE.word, lambda n: "a" * n, 500)


@given(v4)
def test_ipv4_addresses(text):
    found = ONE.address(text)
    assert len(found) == len(text)
    assert ONE.packed(ip_address(text).packed) == ip_address(found).packed
    for old, new in zip(text.split("."), found.split("."), strict=True):
        assert len(old) == len(new)


@given(v6)
def test_ipv6_addresses(text):
    found = ONE.address(text)
    assert len(found) == len(text)
    assert str(ip_address(found)) == found
    assert ONE.address(text.upper()).lower() == found


@given(st.lists(st.one_of(v4, v6), unique=True, max_size=20))
def test_addresses_stay_different(texts):
    assert len({ONE.address(text) for text in texts}) == len(texts)


def test_a_whole_octet_is_permuted():
    assert len({ONE.address(f"192.168.7.{n}") for n in range(256)}) == 256


@pytest.mark.parametrize(
    "text", ["0.0.0.0", "127.0.0.1", "255.255.255.255", "::", "::1", "239.255.255.255"]
)
def test_addresses_that_are_nobody_s(text):
    assert ONE.address(text).split(".")[0] == text.split(".")[0]


def test_odd_spellings():
    plain = ONE.address("2001:db8::9")
    assert ip_address(ONE.address("2001:0DB8::0009")) == ip_address(plain)
    mapped = ONE.address("::ffff:10.0.1.10")
    assert mapped == f"::ffff:{ONE.address('10.0.1.10')}"
    assert ONE.packed(ip_address("::ffff:10.0.1.10").packed) == ip_address(mapped).packed
    assert ONE.address("fe80::1%eth0").endswith("%eth0")
    with pytest.raises(ValueError, match="address"):
        ONE.address("example.org")


def test_endpoints_and_names():
    assert ONE.endpoint(Endpoint("10.0.1.10", 5060)) == (ONE.address("10.0.1.10"), 5060)
    assert ONE.endpoint(Endpoint("a.example", 1)).host == ONE.name("a.example")
    assert ONE.name("a.example").endswith("." + ONE.word("example"))


@pytest.mark.parametrize(
    "address",
    ["10.0.1.10", "10.0.1.10:5060", "[2001:db8::9]:5060", "2001:db8::9", "10.0.0.0/16",
     "10.0.4.0/22", "2001:db8::/32", "core.example.org"],
)  # fmt: skip
def test_rules_name_the_same_places(address):
    rules = ONE.rules(RoleRule(Role.CORE, address))
    topology, other = Topology([RoleRule(Role.CORE, address)]), Topology(rules)
    for host in ("10.0.1.10", "10.0.5.1", "10.0.8.1", "10.1.0.1", "2001:db8::9", "2001:db9::9"):
        for port in (5060, 5062):
            end = Endpoint(host, port)
            assert topology.roles(end) == other.roles(ONE.endpoint(end)), (rules, end)
    assert topology.domain_roles("core.example.org") == other.domain_roles(
        ONE.name("core.example.org")
    )


def test_a_network_that_ends_inside_a_group_is_refused():
    with pytest.raises(ValueError, match="inside a group"):
        ONE.rules(RoleRule(Role.CORE, "2001:db8:8000::/33"))
    assert len(ONE.rules(RoleRule(Role.CORE, "10.0.4.0/22"))) == 4
    found = ONE.rules(RoleRule(Role.CORE, "10.0.4.0/22"))[0].address
    assert ip_network(found).prefixlen == 24


@settings(max_examples=50)
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_octets_in_the_place_of_others(one, other):
    assert len(ONE.stream(one)) == len(one)
    assert (ONE.stream(one) == ONE.stream(other)) is (one == other)
