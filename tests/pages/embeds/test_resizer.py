"""What other sites load to size a frame."""

from django.test import Client

from pages.embeds import script


def test_what_sizes_a_frame_is_at_most_a_kilobyte_and_for_every_site(client: Client) -> None:
    response = client.get("/embed/v1-frame.js")

    assert response.content == (script.FOLDER / "v1-frame.js").read_bytes()
    assert len(response.content) <= 1024
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.cookies == {}
