from codesign.testing import Town


def test_the_front_page_of_a_town_greets(alder: Town) -> None:
    assert alder.client().get("/topics/").status_code == 200
    assert alder.client("anna").get("/situations/").status_code == 200
