"""How a client is set up."""

from conformance.reference.client.settings import CHOICES, ClientSettings


def test_each_choice_has_one_value_unless_more_is_allowed() -> None:
    settings = ClientSettings()

    assert settings.selections == ("retrieve",)
    assert settings.chat_answers == (200,)


def test_where_nothing_is_known_all_that_is_allowed_may_be() -> None:
    settings = ClientSettings(selections=("keep",)).undecided()

    assert settings.selections[0] == "keep"
    assert set(settings.selections) == set(CHOICES)
    assert settings.chat_answers == (200, 480)
    assert len(settings.selections) == len(CHOICES)
