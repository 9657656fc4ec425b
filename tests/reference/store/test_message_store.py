import sqlite3

import pytest

from conformance.reference.store.database import StoreError
from conformance.reference.store.message_store import Kept, MessageStore
from tests.reference.messages import ALICE, BOB, cpm


def test_that_what_is_stored_is_listed_with_its_reason():
    with MessageStore() as store:
        store.store(ALICE, cpm("m1"), "expired", 7)
        store.store("tel:+15550100", cpm("m2"), "selected", 9)
        assert store.list(ALICE) == (
            Kept(cpm("m1"), "expired", 7),
            Kept(cpm("m2"), "selected", 9),
        )
        assert store.list(BOB) == ()
        assert store.users() == (ALICE,)


def test_that_a_restart_loses_nothing(tmp_path):
    path = str(tmp_path / "kept")
    with MessageStore(path) as store:
        store.store(ALICE, cpm(), "expired", 7)
    with MessageStore(path) as store:
        assert [kept.message for kept in store.list(ALICE)] == [cpm()]


def test_that_a_row_that_cannot_be_read_is_a_clear_error(tmp_path):
    path = tmp_path / "kept"
    with MessageStore(str(path)) as store:
        store.store(ALICE, cpm(), "expired", 7)
        connection = sqlite3.connect(path)
        with connection:
            connection.execute("UPDATE kept SET message = 'x'")
        connection.close()
        with pytest.raises(StoreError, match="message store is broken: no message"):
            store.list(ALICE)
