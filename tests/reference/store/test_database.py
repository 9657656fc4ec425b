import sqlite3

import pytest

from conformance.reference.store.database import Database, StoreError

SCHEMA = ("CREATE TABLE thing (name TEXT PRIMARY KEY)",)


def opened(path, version=1):
    return Database(str(path), "box", version, SCHEMA)


def test_that_rows_stay_in_a_file(tmp_path):
    # Given a file with a row
    with opened(tmp_path / "box") as box:
        box.change(("INSERT INTO thing VALUES (?)", ("one",)))
    # When it is opened again
    with opened(tmp_path / "box") as box:
        # Then the row is there
        assert box.rows("SELECT name FROM thing") == [("one",)]


def test_that_a_change_is_made_as_a_whole_or_not_at_all():
    with opened(":memory:") as box:
        insertion = "INSERT INTO thing VALUES (?)"
        with pytest.raises(StoreError, match="this box fails: UNIQUE"):
            box.change((insertion, ("one",)), (insertion, ("one",)))
        assert box.rows("SELECT * FROM thing") == []
        # And the box serves on.
        assert box.change((insertion, ("one",))) == 1


def test_that_a_file_of_something_else_is_refused(tmp_path):
    (tmp_path / "text").write_text("no database, but long enough for a header of SQLite's\n" * 9)
    with pytest.raises(StoreError, match=r"text: this box fails: file is not a database"):
        opened(tmp_path / "text")


def test_that_another_programs_database_is_refused(tmp_path):
    other = sqlite3.connect(tmp_path / "other")
    other.execute("CREATE TABLE theirs (name TEXT)")
    other.close()
    with pytest.raises(StoreError, match="holds something else than a box of ours"):
        opened(tmp_path / "other")


def test_that_another_store_of_ours_is_refused(tmp_path):
    opened(tmp_path / "box").close()
    with pytest.raises(StoreError, match="holds something else"):
        opened(tmp_path / "box", version=2)


def test_that_a_damaged_file_is_refused(tmp_path):
    path = tmp_path / "box"
    with opened(path) as box:
        box.change(*(("INSERT INTO thing VALUES (?)", (f"{i:0200}",)) for i in range(200)))
    octets = bytearray(path.read_bytes())
    octets[4096:] = b"\xff" * (len(octets) - 4096)
    path.write_bytes(octets)
    with pytest.raises(StoreError, match="box"):
        opened(path)


@pytest.mark.parametrize("path", ["", "nowhere/at/all", "a\0b"])
def test_that_a_place_that_cannot_be_is_an_error(tmp_path, path):
    with pytest.raises(StoreError, match="box"):
        Database(f"{tmp_path}/{path}", "box", 1, SCHEMA)


def test_that_a_closed_box_says_so():
    box = opened(":memory:")
    box.close()
    box.close()
    with pytest.raises(StoreError, match="closed"):
        box.rows("SELECT 1")


def test_that_a_number_too_large_is_an_error():
    with opened(":memory:") as box, pytest.raises(StoreError, match="too large"):
        box.rows("SELECT ?", 2**70)
