"""Pictures: turned upright, made small, drawn anew without what a camera noted; harmful ones are refused quickly."""

import io
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from codesign.core.documents import MEDIA_TYPES
from codesign.core.files import Content, Upload
from codesign.core.pictures import DAMAGED, MOST_BYTES, NOT_KNOWN, SIDE, SMALL_SIDE, TOO_MANY_PIXELS, read_picture
from codesign.types import Invalid
from tests.sending import BLUE, RED, declared_png, halves, photo, picture, shown, upload

ROOT = Path(__file__).resolve().parents[2]
FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "AVIF"]
MODES = ["RGB", "RGBA", "L", "LA", "P", "1", "I;16", "CMYK"]
LIARS = {
    "drawing.png": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "page.png": b"<!doctype html><script>alert(1)</script>",
    "program.jpg": b"MZ\x90\0" + b"\0" * 100,
    "tiff.png": picture("TIFF"),
    "bitmap.png": picture("BMP"),
    "script.gif": b"GIF89a/*" + b"*/=1;alert(1)//" * 9,
    "nothing.png": b"",
}
PEAK = """
import resource, sys
from codesign.core.pictures import read_picture
read_picture(open(sys.argv[1], "rb"))
file = open(sys.argv[2], "rb")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
read_picture(file)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def content(data: bytes, name: str = "a picture") -> Content:
    found = upload(name, data).content
    assert found is not None
    return found


def near(colour: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return all(abs(one - other) < 40 for one, other in zip(colour, wanted, strict=True))


def colour_at(image: Image.Image, x: float, y: float) -> tuple[int, ...]:
    found = image.convert("RGB").getpixel((int(image.width * x), int(image.height * y)))
    assert isinstance(found, tuple)
    return tuple(int(part) for part in found)


@pytest.mark.parametrize("format", FORMATS)
def test_each_format_is_taken_and_kept_as_webp(format: str) -> None:
    kept = content(picture(format))
    image = shown(kept.data)
    assert (image.format, image.size, kept.media_type, kept.width, kept.height) == (
        "WEBP",
        (64, 48),
        "image/webp",
        64,
        48,
    )
    assert near(colour_at(image, 0.5, 0.2), RED)
    assert near(colour_at(image, 0.5, 0.8), BLUE)


@pytest.mark.parametrize("mode", MODES)
def test_each_way_of_storing_colours_is_taken(mode: str) -> None:
    image = halves(mode=mode) if mode not in ("I;16", "CMYK") else None
    data = picture("PNG", image or halves().convert("L").convert("I").point(lambda grey: grey * 256).convert("I;16"))
    kept = shown(content(picture("JPEG", halves(mode="CMYK")) if mode == "CMYK" else data).data)
    wanted = halves() if mode == "CMYK" else halves().convert("L" if mode == "I;16" else mode)
    assert near(colour_at(kept, 0.5, 0.2), colour_at(wanted, 0.5, 0.2))
    assert near(colour_at(kept, 0.5, 0.8), colour_at(wanted, 0.5, 0.8))


def test_a_picture_of_several_takes_is_kept_as_its_first() -> None:
    later = [Image.new("RGB", (64, 48), BLUE)]
    for format in ("GIF", "WEBP", "PNG", "MPO"):
        data = picture(format, Image.new("RGB", (64, 48), RED), save_all=True, append_images=later)
        assert near(colour_at(shown(content(data).data), 0.5, 0.5), RED), format


def test_nothing_of_what_the_camera_noted_is_kept() -> None:
    data = photo()
    assert [data.count(word) for word in (b"Telltale Cameras", b"Telltale Comment", b"Telltale Place")] == [1, 1, 1]
    kept = content(data)
    for found in (kept.data, kept.small or b""):
        image = shown(found)
        assert (b"Telltale" in found, dict(image.getexif()), image.info.get("xmp")) == (False, {}, None)
        assert not {b"EXIF", b"XMP ", b"ICCP"} & {found[at : at + 4] for at in range(len(found))}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_the_camera_was_held(orientation: int) -> None:
    upright = halves()
    turned = {
        1: upright, 2: upright.transpose(Image.Transpose.FLIP_LEFT_RIGHT), 3: upright.transpose(Image.Transpose.ROTATE_180),
        4: upright.transpose(Image.Transpose.FLIP_TOP_BOTTOM), 5: upright.transpose(Image.Transpose.TRANSPOSE),
        6: upright.transpose(Image.Transpose.ROTATE_90), 7: upright.transpose(Image.Transpose.TRANSVERSE),
        8: upright.transpose(Image.Transpose.ROTATE_270),
    }[orientation]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = shown(content(picture("JPEG", turned, exif=exif, quality=95)).data)
    assert image.size == (64, 48)
    assert (near(colour_at(image, 0.5, 0.2), RED), near(colour_at(image, 0.5, 0.8), BLUE)) == (True, True)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")  # what Pillow says of it
def test_broken_notes_of_the_camera_do_not_matter() -> None:
    broken = picture("JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01\x12" * 40)
    assert content(broken).width == 64


@pytest.mark.parametrize(("size", "kept", "small"), [
    ((3000, 2000), (1600, 1067), (480, 320)), ((2000, 3000), (1067, 1600), (320, 480)), ((1601, 3), (1600, 3), (480, 1)),
    ((9000, 2), (1600, 1), (480, 1)), ((30, 20), (30, 20), (30, 20)), ((1, 1), (1, 1), (1, 1)), ((6500, 6100), (1600, 1501), (480, 450)),
])  # fmt: skip
@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_large_pictures_are_made_small_and_small_ones_stay(
    format: str, size: tuple[int, int], kept: tuple[int, int], small: tuple[int, int]
) -> None:
    found = content(picture(format, Image.new("RGB", size, RED)))
    assert (found.width, found.height) == shown(found.data).size
    assert all(abs(one - other) <= 2 for one, other in zip(shown(found.data).size, kept, strict=True))
    assert all(abs(one - other) <= 1 for one, other in zip(shown(found.small).size, small, strict=True))
    assert (max(shown(found.data).size) <= SIDE, max(shown(found.small).size) <= SMALL_SIDE) == (True, True)


def test_halves_of_a_large_picture_stay_where_they_are() -> None:
    for format in ("PNG", "JPEG"):
        image = shown(content(picture(format, halves(5200, 3900))).data)
        assert [near(colour_at(image, 0.5, y), RED if y < 0.5 else BLUE) for y in (0.02, 0.45, 0.55, 0.98)] == [
            True
        ] * 4


def test_transparency_is_kept_and_a_cover_that_hides_nothing_is_not() -> None:
    clear = Image.new("RGBA", (64, 48), (*RED, 0))
    assert (
        shown(content(picture("PNG", clear)).data).mode,
        shown(content(picture("PNG", halves(mode="RGBA"))).data).mode,
    ) == ("RGBA", "RGB")
    palette = Image.new("P", (64, 48), 0)
    assert shown(content(picture("GIF", palette, transparency=0)).data).mode == "RGBA"


def test_colours_of_another_profile_become_those_of_every_screen() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert near(colour_at(shown(content(picture("PNG", icc_profile=srgb)).data), 0.5, 0.2), RED)
    xyz = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    for profile in (b"no profile", xyz, srgb):
        for image in (halves(), halves(mode="L"), halves(mode="RGBA")):
            assert content(picture("PNG", image, icc_profile=profile)).width == 64


def test_the_most_detailed_picture_is_kept_small() -> None:
    noise = Image.merge("RGB", [Image.effect_noise((1800, 1800), 255) for _channel in range(3)])
    kept = content(picture("PNG", noise))
    assert (len(kept.data) <= MOST_BYTES, len(kept.small or b"") <= MOST_BYTES) == (True, True)
    noise.putalpha(Image.effect_noise((1800, 1800), 255))
    assert len(content(picture("PNG", noise)).data) <= MOST_BYTES


@pytest.mark.parametrize("size", [(50_000, 50_000), (2**31 - 1, 2**31 - 1), (10_000, 10_000), (8_000, 6_000)])
def test_a_few_bytes_that_say_they_are_a_huge_picture_are_refused_at_once(size: tuple[int, int]) -> None:
    started = time.perf_counter()
    assert upload("bomb.png", declared_png(*size)) == Upload("bomb.png", None, TOO_MANY_PIXELS)
    assert time.perf_counter() - started < 1


def test_text_that_unpacks_to_more_than_memory_is_refused() -> None:
    data = b"Comment\0\0" + zlib.compress(b"x" * 200_000_000)
    chunk = len(data).to_bytes(4, "big") + b"zTXt" + data + zlib.crc32(b"zTXt" + data).to_bytes(4, "big")
    good = picture("PNG")
    assert upload("text.png", good[:33] + chunk + good[33:]).content is None


def test_a_jpeg_of_thousands_of_layers_is_refused() -> None:
    data = picture("JPEG", progressive=True)
    at = data.rindex(b"\xff\xda")
    assert upload("layers.jpg", data[:-2] + data[at:-2] * 200 + data[-2:]) == Upload("layers.jpg", None, DAMAGED)


@pytest.mark.parametrize("format", FORMATS)
def test_half_a_picture_is_refused_with_a_sentence(format: str) -> None:
    noise = Image.effect_noise((200, 200), 90).convert("RGB")
    data = picture(format, noise)
    assert upload("half", data[: len(data) // 2]).refusal in (DAMAGED, NOT_KNOWN)


@pytest.mark.parametrize("name", LIARS)
def test_what_only_calls_itself_a_picture_is_refused(name: str) -> None:
    assert upload(name, LIARS[name]) in (Upload(name, None, NOT_KNOWN), Upload(name, None, DAMAGED))


def test_what_hides_behind_a_picture_is_not_kept() -> None:
    tail = b"<script>telltale()</script>PK\x03\x04"
    for format in FORMATS:
        found = upload("two in one", picture(format) + tail).content
        assert found is None or b"telltale" not in found.data + (found.small or b"")


NAMES = st.sampled_from(["a", "a.png", "a.jpg", *(f"a.{ending}" for ending in MEDIA_TYPES)])
HEADS = st.sampled_from([b"", b"%PDF-", b"PK\x03\x04", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\x10\0\0\0WEBPVP8L", b"\0\0\0\x1cftypavif"])  # fmt: skip


@given(NAMES, HEADS, st.binary(max_size=400))
@settings(deadline=None, max_examples=300)
def test_no_bytes_at_all_give_anything_but_content_or_a_sentence(name: str, head: bytes, data: bytes) -> None:
    found = upload(name, head + data)
    assert (found.content is None) == ("%(name)s" in found.refusal)


@given(st.sampled_from(FORMATS), st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), min_size=1, max_size=8))
@settings(deadline=None, max_examples=300)
def test_a_picture_with_some_bytes_changed_is_taken_or_refused(format: str, changes: list[tuple[int, int]]) -> None:
    data = bytearray(photo() if format == "JPEG" else picture(format))
    for place, value in changes:
        data[place % len(data)] = value
    found = upload("changed", bytes(data))
    assert (found.content is None) == ("%(name)s" in found.refusal)


@pytest.mark.slow
def test_a_picture_of_forty_megapixels_needs_less_than_400_megabytes(tmp_path: Path) -> None:
    (tmp_path / "small.png").write_bytes(picture())
    (tmp_path / "large.png").write_bytes(picture("PNG", Image.new("RGBA", (7300, 5479), (9, 9, 9, 0))))
    command = [sys.executable, "-c", PEAK, str(tmp_path / "small.png"), str(tmp_path / "large.png")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 400


def test_reading_leaves_the_file_open_for_whoever_gave_it() -> None:
    for data in (picture(), picture("JPEG"), picture("WEBP")):
        file = io.BytesIO(data)
        read_picture(file)
        assert file.closed is False
    with pytest.raises(Invalid):
        read_picture(io.BytesIO(b"x"))
